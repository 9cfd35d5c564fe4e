import { setMaxListeners } from 'main-event'
import { raceSignal } from 'race-signal'
import { DialBounds } from '../lookup/dial-bounds.ts'
import { classifyFailure } from './classify-failure.ts'
import { dialPlace } from './dial-place.ts'
import { onDialReached } from './on-dial-reached.ts'
import type { BookAddress, BookEntry, PeerBook } from './peer-book.ts'
import type { PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address this reliable has worked, and more than once failed since would put it below */
const WORKED = 0.5

/** Bounds of the time without a sign of life after which another address of the peer gets its turn, ms */
const MIN_TURN_MS = 500
const MAX_TURN_MS = 2_000

/** A dial that finds too many others at its place waits for so long, ms */
const MAX_HELD_MS = 1_000

export interface PeerDialerComponents {
  connectionManager: ConnectionManager
  peerStore: Pick<PeerStore, 'get'>
}

export interface PeerDialerInit {
  book: PeerBook
  /** How long the first sign of life of this peer may take, ms */
  connectDeadlineMs: (peer: string) => number
}

/** One dial for everybody who wants it */
interface SharedDial {
  controller: AbortController
  done: Promise<void>
  waiting: number
  listeners: Set<OpenConnectionOptions['onProgress'] & {}>
}

/**
 * Connects to peers at the addresses that the book holds. The one that worked last
 * comes first, and a silent one does not keep the others from their turn; where
 * nothing has worked yet, or does no more, the peer store is asked for others.
 */
export class PeerDialer {
  private readonly components: PeerDialerComponents
  private readonly init: PeerDialerInit
  private readonly bounds = new DialBounds()
  private readonly dials = new Map<string, SharedDial>()
  /** Told when a dial has ended, the one that waits for longest first */
  private readonly held = new Set<() => void>()

  constructor (components: PeerDialerComponents, init: PeerDialerInit) {
    this.components = components
    this.init = init
  }

  /**
   * Connect to a peer. Who asks for the same peer meanwhile shares the dial; it goes
   * on until nobody wants it any more.
   *
   * @returns When there is a connection, or when no address is known
   * @throws {Error} No address leads to the peer
   */
  async dial (peer: PeerId, options: OpenConnectionOptions = {}): Promise<void> {
    const handle = peer.toString()
    options.signal?.throwIfAborted()

    const shared = this.dials.get(handle) ?? this.begin(peer, options)
    const { onProgress } = options

    shared.waiting++

    if (onProgress != null) {
      shared.listeners.add(onProgress)
    }

    try {
      await raceSignal(shared.done, options.signal)
    } finally {
      shared.waiting--

      if (onProgress != null) {
        shared.listeners.delete(onProgress)
      }

      if (shared.waiting === 0) {
        this.forget(handle, shared)
        shared.controller.abort(options.signal?.reason)
      }
    }
  }

  private begin (peer: PeerId, options: OpenConnectionOptions): SharedDial {
    const controller = new AbortController()
    const listeners: SharedDial['listeners'] = new Set()
    setMaxListeners(Infinity, controller.signal)

    const done = this.run(peer, {
      ...options,
      signal: controller.signal,
      onProgress: event => { listeners.forEach(listener => { listener(event) }) }
    })
    const shared: SharedDial = { controller, done, waiting: 0, listeners }

    done.catch(() => {}).finally(() => { this.forget(peer.toString(), shared) })
    this.dials.set(peer.toString(), shared)

    return shared
  }

  private forget (handle: string, shared: SharedDial): void {
    if (this.dials.get(handle) === shared) {
      this.dials.delete(handle)
    }
  }

  private async run (peer: PeerId, options: OpenConnectionOptions & { signal: AbortSignal }): Promise<void> {
    const entry = await this.init.book.add(peer)
    this.init.book.verify(entry)
    const tried = new Set<string>()
    const silent: BookAddress[] = []
    let error: Error | undefined

    for (let address = await this.next(entry, tried, options.signal); address != null; address = await this.next(entry, tried, options.signal)) {
      tried.add(address.multiaddr.toString())

      // another one may get it meanwhile, but the last has all the time there is
      const isLast = untried(entry, tried).length === 0 && entry.checking.size === 0
      const result = await this.attempt(entry, address, options, isLast && silent.length === 0 ? undefined : this.turnMs(peer.toString()))

      if (result === 'connected') {
        silent.forEach(({ multiaddr }) => { this.init.book.dialled(peer.toString(), multiaddr, false) })
        return
      }

      if (result === 'silent') {
        silent.push(address)
      } else {
        error = worse(error, result)
      }
    }

    for (const address of silent) {
      const result = await this.attempt(entry, address, options, undefined)

      if (result === 'connected') {
        return
      }

      error = result === 'silent' ? error : worse(error, result)
    }

    if (error != null) {
      throw error
    }

    await this.explain(entry, options)
  }

  /**
   * Nothing could be tried. Left to itself libp2p would dial what the mapper keeps from
   * us; of the rest it says best why they can't be dialled.
   */
  private async explain ({ id }: BookEntry, options: OpenConnectionOptions & { signal: AbortSignal }): Promise<void> {
    const stored = await this.stored(id, options.signal)
    const allowed = stored.length === 0 ? [] : this.init.book.allowed({ id, multiaddrs: stored })

    if (allowed.length > 0) {
      await this.components.connectionManager.openConnection(allowed.map(multiaddr => withPeer(multiaddr, id)), options)
    } else if (stored.length > 0) {
      throw new DialDeniedError(id.toString())
    }
  }

  /**
   * The next address to try. The peer store is asked before the first that has not
   * worked.
   */
  private async next (entry: BookEntry, tried: Set<string>, signal: AbortSignal): Promise<BookAddress | undefined> {
    const [best] = untried(entry, tried)

    if (best != null && (best.reliability > WORKED || tried.has(PEER_STORE))) {
      return best
    }

    if (!tried.has(PEER_STORE)) {
      tried.add(PEER_STORE)
      await this.init.book.learn({ id: entry.id, multiaddrs: await this.stored(entry.id, signal) })
    }

    while (untried(entry, tried).length === 0 && entry.checking.size > 0) {
      await raceSignal(Promise.race(entry.checking.values()), signal)
    }

    return untried(entry, tried)[0]
  }

  /** What the peer store knows */
  private async stored (id: PeerId, signal: AbortSignal): Promise<Multiaddr[]> {
    try {
      return (await this.components.peerStore.get(id, { signal })).addresses.map(({ multiaddr }) => multiaddr)
    } catch {
      // it does not know the peer, or can't be read
      signal.throwIfAborted()

      return []
    }
  }

  /**
   * @param turnMs - Without a sign of life after this time it is given up
   * @returns `silent` when it was given up, the error when it failed
   */
  private async attempt ({ id }: BookEntry, { multiaddr, workedAt }: BookAddress, options: OpenConnectionOptions & { signal: AbortSignal }, turnMs: number | undefined): Promise<'connected' | 'silent' | Error> {
    const { signal } = options
    const peer = id.toString()
    const place = dialPlace(multiaddr)
    const isProved = workedAt !== undefined

    if (!isProved && !await this.admitted(place, signal)) {
      return new TooManyPendingDialsError(place.endpoint)
    }

    const turn = new AbortController()
    const abort = (): void => { turn.abort(signal.reason) }
    const timer = turnMs === undefined ? undefined : setTimeout(() => { turn.abort() }, turnMs)
    const startedAt = performance.now()
    setMaxListeners(Infinity, turn.signal)
    signal.addEventListener('abort', abort)

    try {
      signal.throwIfAborted()
      const connection = await this.components.connectionManager.openConnection([withPeer(multiaddr, id)], {
        ...options,
        signal: turn.signal,
        onProgress: onDialReached(() => { clearTimeout(timer) }, options.onProgress)
      })

      // a stand-in for the connection manager, as the tests of kad-dht use one, gives none
      if (connection != null) {
        this.bounds.worked(place)
        this.init.book.dialled(peer, connection.remoteAddr, true)
      }

      return 'connected'
    } catch (err) {
      if (signal.aborted) {
        // to be given up is no failure, but to have had all the time there was is one
        if (signal.reason?.name === 'TimeoutError') {
          this.init.book.dialled(peer, multiaddr, false)
        }

        throw err
      }

      if (turn.signal.aborted) {
        return 'silent'
      }

      const error = err instanceof Error ? err : new Error(String(err))

      if (classifyFailure(error, 'dialling', performance.now() - startedAt) != null) {
        this.init.book.dialled(peer, multiaddr, false)
      }

      return error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)

      if (!isProved) {
        this.bounds.ended(place)
        this.held.forEach(tryAgain => { tryAgain() })
      }
    }
  }

  private async admitted (place: Parameters<DialBounds['begin']>[0], signal: AbortSignal): Promise<boolean> {
    if (this.bounds.begin(place)) {
      return true
    }

    return new Promise(resolve => {
      const settle = (isAdmitted: boolean): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.held.delete(tryAgain)
        resolve(isAdmitted)
      }
      const giveUp = (): void => { settle(false) }
      const tryAgain = (): void => {
        if (this.bounds.begin(place)) {
          settle(true)
        }
      }
      const timer = setTimeout(giveUp, MAX_HELD_MS)
      signal.addEventListener('abort', giveUp)
      this.held.add(tryAgain)
    })
  }

  private turnMs (peer: string): number {
    return Math.min(Math.max(this.init.connectDeadlineMs(peer), MIN_TURN_MS), MAX_TURN_MS)
  }
}

/** Among the addresses tried, stands for all that the peer store knows */
const PEER_STORE = 'peer store'

function untried ({ addresses }: BookEntry, tried: Set<string>): BookAddress[] {
  return addresses.filter(({ multiaddr, checked }) => checked && !tried.has(multiaddr.toString()))
}

/** What says most of the peer: a failure that is not ours, then a time-out */
function worse (before: Error | undefined, error: Error): Error {
  const outcomes = [before, error].map(one => one == null ? undefined : classifyFailure(one, 'dialling', 0))

  return before != null && (outcomes[1] == null || (outcomes[0]?.type === 'dialFailed' && outcomes[0].class === 'timeout')) ? before : error
}

function withPeer (multiaddr: Multiaddr, id: PeerId): Multiaddr {
  return multiaddr.getComponents().at(-1)?.name === 'p2p' ? multiaddr : multiaddr.encapsulate(`/p2p/${id.toString()}`)
}

/**
 * Named as libp2p's own, as it is our policy, and says nothing about the peer
 */
class DialDeniedError extends Error {
  static name = 'DialDeniedError'
  name = 'DialDeniedError'

  constructor (peer: string) {
    super(`${peer} was not dialled: the peerInfoMapper lets none of its addresses through`)
  }
}

/**
 * Named as libp2p's own: it says nothing about the peer
 */
class TooManyPendingDialsError extends Error {
  static name = 'TooManyPendingDialsError'
  name = 'TooManyPendingDialsError'

  constructor (endpoint: string) {
    super(`${endpoint} was not dialled: too many peers are said to be there, and none of them answers`)
  }
}
