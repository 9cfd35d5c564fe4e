import { setTimeout as delay } from 'node:timers/promises'
import { raceSignal } from 'race-signal'
import { networkError } from './outage.ts'
import type { FaultyConnection } from './faulty-connection.ts'
import type { Aftermath, Outage } from './outage.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The link to a peer
 */
export interface Link {
  /** Time until a dial is accepted, ms */
  connectMs: number
  /** Round trip time of everything after the dial, ms. A function is called anew for each item that is sent. */
  dataMs: number | (() => number)
}

/**
 * `silent`: nothing gets through, and dials hang. `refuses`: connections are reset, and
 * dials are refused. `stalls`: dials are accepted, but nothing else gets through.
 */
export type LinkState = 'up' | 'silent' | 'refuses' | 'stalls'

type Obstacle = { type: 'hangs' } | { type: 'fails', error: Error, afterMs: number }

/**
 * Our own network and the links to all peers, with the faults that can be given to them
 * while a node runs
 */
export class FaultyLinks {
  /** Number of dials that were started, by printable peer id */
  readonly dials = new Map<string, number>()
  readonly #connections = new Set<FaultyConnection>()
  readonly #dialling = new Map<AbortController, { peer: string, ma: Multiaddr }>()
  readonly #links = new Map<string, Link>()
  readonly #states = new Map<string, LinkState>()
  #link: Link
  #outage: Outage | undefined
  #changed = Promise.withResolvers<void>()

  /**
   * @param link - The link to all peers. A number is the round trip time of dials and data, ms.
   */
  constructor (link: Link | number = 1) {
    this.#link = linkOf(link)
  }

  /** Number of connections that are open now */
  get size (): number {
    return this.#connections.size
  }

  link (peer: string): Link {
    return this.#links.get(peer) ?? this.#link
  }

  state (peer: string): LinkState {
    return this.#states.get(peer) ?? 'up'
  }

  /**
   * Set how far away peers are from now on: the given peers, or all peers
   *
   * @param link - The new link. A number is the round trip time of dials and data, ms.
   */
  setLink (link: Link | number, peers?: Iterable<string>): void {
    const given = linkOf(link)

    if (peers === undefined) {
      this.#link = given
      this.#links.clear()
    }

    for (const peer of peers ?? []) {
      this.#links.set(peer, given)
    }
  }

  /**
   * Give the links to peers another state. Our own network is not affected.
   *
   * @param then - What happens to connections that were silent before
   */
  become (state: LinkState, peers: Iterable<string>, then: Aftermath = 'delivered'): void {
    for (const peer of peers) {
      this.#states.set(peer, state)

      if (state === 'refuses') {
        this.#cut('ECONNRESET', connection => connection.peer === peer)
      }
    }

    this.#apply(then)
  }

  /**
   * Reset the connections to some peers
   */
  reset (peers: Iterable<string>): void {
    const handles = new Set(peers)

    this.#cut('ECONNRESET', ({ peer }) => handles.has(peer))
  }

  /**
   * An outage of our own network begins
   */
  begin (outage: Outage): void {
    this.#outage = outage

    if (outage.connections.type === 'abort') {
      this.#cut(outage.connections.code, () => true)
    }

    for (const [dial, { peer, ma }] of this.#dialling) {
      const obstacle = this.#obstacle(peer, ma)

      if (obstacle?.type === 'fails') {
        dial.abort(obstacle.error)
      }
    }

    this.#apply('delivered')
  }

  /**
   * The outage of our own network ends
   */
  end (): void {
    const connections = this.#outage?.connections

    this.#outage = undefined
    this.#apply(connections?.type === 'silent' ? connections.then : 'delivered')
  }

  /**
   * Dial a peer, with all the faults that its link and our network have now
   *
   * @param work - Makes the connection
   */
  async dial<T> (peer: string, ma: Multiaddr, given: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const interrupted = new AbortController()
    const signal = AbortSignal.any([given, interrupted.signal])

    this.dials.set(peer, (this.dials.get(peer) ?? 0) + 1)
    this.#dialling.set(interrupted, { peer, ma })

    try {
      await this.#pass(peer, ma, signal)
      const result = await work(signal)
      // what comes back from the peer also has to get through
      await this.#pass(peer, ma, signal)

      return result
    } catch (err) {
      throw interrupted.signal.aborted ? interrupted.signal.reason : err
    } finally {
      this.#dialling.delete(interrupted)
    }
  }

  /**
   * Note a new connection
   */
  opened (connection: FaultyConnection): void {
    this.#connections.add(connection)
    connection.addEventListener('close', () => { this.#connections.delete(connection) })

    if (this.#isSilent(connection.peer)) {
      connection.silence()
    }
  }

  async #pass (peer: string, ma: Multiaddr, signal: AbortSignal): Promise<void> {
    for (let obstacle = this.#obstacle(peer, ma); obstacle !== undefined; obstacle = this.#obstacle(peer, ma)) {
      if (obstacle.type === 'fails') {
        await delay(obstacle.afterMs, undefined, { signal })
        throw obstacle.error
      }

      await raceSignal(this.#changed.promise, signal)
    }
  }

  #obstacle (peer: string, ma: Multiaddr): Obstacle | undefined {
    const dials = this.#outage?.dials

    if (dials !== undefined) {
      return dials.type === 'hang' ? { type: 'hangs' } : { type: 'fails', error: networkError(dials.code, 'connect', ma), afterMs: dials.afterMs }
    }

    switch (this.state(peer)) {
      case 'silent': return { type: 'hangs' }
      case 'refuses': return { type: 'fails', error: networkError('ECONNREFUSED', 'connect', ma), afterMs: this.link(peer).connectMs }
      default: return undefined
    }
  }

  #isSilent (peer: string): boolean {
    const state = this.state(peer)

    return this.#outage?.connections.type === 'silent' || state === 'silent' || state === 'stalls'
  }

  #apply (then: Aftermath): void {
    for (const connection of this.#connections) {
      if (this.#isSilent(connection.peer)) {
        connection.silence()
      } else {
        connection.unsilence(then)
      }
    }

    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #cut (code: string, isMeant: (connection: FaultyConnection) => boolean): void {
    for (const connection of this.#connections) {
      if (isMeant(connection)) {
        connection.cut(code)
      }
    }
  }
}

function linkOf (link: Link | number): Link {
  return typeof link === 'number' ? { connectMs: link, dataMs: link } : link
}
