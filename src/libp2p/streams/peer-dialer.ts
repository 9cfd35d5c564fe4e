import { TimeoutError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { raceSignal } from 'race-signal'
import { classifyFailure } from '../lookup/classify-failure.ts'
import { DialDeniedError, TooManyPendingDialsError } from './dial-errors.ts'
import { DialGate } from './dial-gate.ts'
import { dialPlace } from './dial-place.ts'
import { UPGRADE_BEGINS, onDialReached } from './on-dial-reached.ts'
import type { AdmittedDial } from './dial-gate.ts'
import type { BookAddress, BookEntry } from '../peers/book-entry.ts'
import type { PeerBook } from '../peers/peer-book.ts'
import type { PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address above this reliability has worked, and has failed once at most since */
const WORKED = 0.5

/** Bounds of the time without a sign of life after which another address of the peer gets its turn, ms */
const MIN_TURN_MS = 500
const MAX_TURN_MS = 2_000

/** A caller that asks for a peer within this time of another shares the other's dial even when it fails, ms */
const TOGETHER_MS = 100

/** The time from the first sign of life to the connection may be this many times the time to the first sign of life */
const HANDSHAKE_PER_CONNECT = 6

/** And this many times as long as handshakes have taken: the first sign of life may be a proxy's, far from the peer */
const HANDSHAKE_SLACK = 2

/** How much of the longest handshake is left with each shorter one */
const HANDSHAKE_DECAY = 0.95

export interface PeerDialerComponents {
  connectionManager: ConnectionManager
  peerStore: Pick<PeerStore, 'get'>
}

export interface PeerDialerInit {
  book: PeerBook
  /** How long the first sign of life of this peer may take, ms */
  connectDeadlineMs: (peer: string) => number
}

type ProgressListener = OpenConnectionOptions['onProgress'] & {}

/** One dial, shared by all callers that want the same peer */
interface SharedDial {
  /** ms */
  begunAt: number
  /** When it began with the address that it tries now, ms */
  attemptAt: number
  controller: AbortController
  done: Promise<void>
  waiting: number
  listeners: Set<ProgressListener>
  /** The first sign of life, for callers that come later */
  reached: Parameters<ProgressListener>[0] | undefined
  /** Told when the dial has to wait for its turn, and when that is over */
  onHeld: Set<(isHeld: boolean) => void>
  isHeld: boolean
}

type DialOptions = OpenConnectionOptions & { signal: AbortSignal, onHeld: (isHeld: boolean) => void, onAttempt: () => void }

/**
 * Connects to peers at the addresses that the book holds. The most reliable address comes
 * first, and a silent one does not keep the others from their turn. Where no address has
 * worked yet, or none works any more, the peer store is asked for others.
 */
export class PeerDialer {
  readonly #components: PeerDialerComponents
  readonly #init: PeerDialerInit
  readonly #gate = new DialGate()
  readonly #dials = new Map<string, SharedDial>()
  /** The longest handshake of late, from the first sign of life to the connection, ms */
  #handshakeMs = 0

  constructor (components: PeerDialerComponents, init: PeerDialerInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Connect to a peer. Callers that ask for the same peer meanwhile share the dial. It goes on
   * until nobody wants it any more.
   *
   * @param onHeld - Told when this dial has to wait because too many are under way at the same
   * place, and when that is over. The wait says nothing about the peer.
   * @returns When there is a connection, or when no address is known
   * @throws {Error} No address leads to the peer
   */
  async dial (peer: PeerId, options: OpenConnectionOptions = {}, onHeld: (isHeld: boolean) => void = () => {}): Promise<void> {
    options.signal?.throwIfAborted()
    await this.#giveUpStale(peer.toString())

    const askedAt = performance.now()
    const running = this.#dials.get(peer.toString())
    const shared = running ?? this.#begin(peer, options)

    try {
      await this.#share(peer, shared, options, onHeld)
    } catch (err) {
      // another dial for a caller that joined this one late, as its failure is of the time before, and for an error that is not the peer's
      const isOfBefore = askedAt - shared.begunAt > TOGETHER_MS || classifyFailure(err, 'dialling', 0) === undefined

      if (running === undefined || !isOfBefore || options.signal?.aborted === true) {
        throw err
      }

      await this.#share(peer, this.#dials.get(peer.toString()) ?? this.#begin(peer, options), options, onHeld)
    }
  }

  /** Give up a dial that has been silent for long: it may have begun while the network was gone, so no new caller should wait for it */
  async #giveUpStale (handle: string): Promise<void> {
    const shared = this.#dials.get(handle)

    if (shared !== undefined && shared.reached === undefined && !shared.isHeld && performance.now() - shared.attemptAt > MAX_TURN_MS) {
      this.#forget(handle, shared)
      shared.controller.abort(new TimeoutError('The peer did not answer in time'))
      await shared.done.catch(() => {})
    }
  }

  async #share (peer: PeerId, shared: SharedDial, { signal, onProgress }: OpenConnectionOptions, onHeld: (isHeld: boolean) => void): Promise<void> {
    shared.waiting++
    shared.onHeld.add(onHeld)

    if (shared.isHeld) {
      onHeld(true)
    }

    if (onProgress !== undefined) {
      shared.listeners.add(onProgress)

      if (shared.reached !== undefined) {
        onProgress(shared.reached)
      }
    }

    try {
      await raceSignal(shared.done, signal)
    } finally {
      shared.waiting--
      shared.onHeld.delete(onHeld)

      if (onProgress !== undefined) {
        shared.listeners.delete(onProgress)
      }

      if (shared.waiting === 0) {
        this.#forget(peer.toString(), shared)
        shared.controller.abort(signal?.reason)
      }
    }
  }

  #begin (peer: PeerId, options: OpenConnectionOptions): SharedDial {
    const controller = new AbortController()
    setMaxListeners(Infinity, controller.signal)

    const shared: SharedDial = { begunAt: performance.now(), attemptAt: Infinity, controller, done: Promise.resolve(), waiting: 0, listeners: new Set(), reached: undefined, onHeld: new Set(), isHeld: false }

    shared.done = this.#run(peer, {
      ...options,
      signal: controller.signal,
      onProgress: event => {
        if (event.type === UPGRADE_BEGINS) {
          shared.reached = event
        }

        shared.listeners.forEach(listener => { listener(event) })
      },
      onAttempt: () => { shared.attemptAt = performance.now() },
      onHeld: isHeld => {
        shared.isHeld = isHeld
        shared.onHeld.forEach(onHeld => { onHeld(isHeld) })
      }
    })

    shared.done.catch(() => {}).finally(() => { this.#forget(peer.toString(), shared) })
    this.#dials.set(peer.toString(), shared)

    return shared
  }

  #forget (handle: string, shared: SharedDial): void {
    if (this.#dials.get(handle) === shared) {
      this.#dials.delete(handle)
    }
  }

  async #run (peer: PeerId, options: DialOptions): Promise<void> {
    const entry = await this.#init.book.add(peer)
    await this.#init.book.usable(entry, options.signal)
    const tried = new Set<string>()
    const silent: BookAddress[] = []
    let error: Error | undefined

    for (let address = await this.#next(entry, tried, options.signal); address !== undefined; address = await this.#next(entry, tried, options.signal)) {
      tried.add(address.multiaddr.toString())

      // a silent address gives way to the next one, but the last has all the time there is
      const isLast = untried(entry, tried).length === 0 && entry.checking.size === 0
      const result = await this.#attempt(entry, address, options, isLast && silent.length === 0)

      if (result === 'connected') {
        silent.forEach(({ multiaddr }) => { this.#init.book.dialled(peer.toString(), multiaddr, false) })
        return
      }

      if (result === 'silent') {
        silent.push(address)
      } else {
        error = worse(error, result)
      }
    }

    for (const address of silent) {
      const result = await this.#attempt(entry, address, options, true)

      if (result === 'connected') {
        return
      }

      error = result === 'silent' ? error : worse(error, result)
    }

    if (error !== undefined) {
      throw error
    }

    await this.#explain(entry, options)
  }

  /**
   * No address could be tried. For those that the mapper lets through, libp2p says best why they
   * can't be dialled. The others must not be handed to it, as it would dial them.
   */
  async #explain ({ id }: BookEntry, options: DialOptions): Promise<void> {
    const stored = await this.#stored(id, options.signal)
    const allowed = stored.length === 0 ? [] : this.#init.book.allowed({ id, multiaddrs: stored })

    if (allowed.length > 0) {
      await this.#components.connectionManager.openConnection(allowed.map(multiaddr => withPeer(multiaddr, id)), options)
    } else if (stored.length > 0) {
      throw new DialDeniedError(id.toString())
    }
  }

  /**
   * The next address to try. The peer store is asked before the first address that has not
   * worked, and before the last one.
   */
  async #next (entry: BookEntry, tried: Set<string>, signal: AbortSignal): Promise<BookAddress | undefined> {
    const [best, other] = untried(entry, tried)

    if (best !== undefined && ((best.reliability > WORKED && other !== undefined) || tried.has(PEER_STORE))) {
      return best
    }

    if (!tried.has(PEER_STORE)) {
      tried.add(PEER_STORE)
      await this.#init.book.learn({ id: entry.id, multiaddrs: await this.#stored(entry.id, signal) })
    }

    while (untried(entry, tried).length === 0 && entry.checking.size > 0) {
      await raceSignal(Promise.race(entry.checking.values()), signal)
    }

    return untried(entry, tried)[0]
  }

  /** What the peer store knows */
  async #stored (id: PeerId, signal: AbortSignal): Promise<Multiaddr[]> {
    try {
      return (await this.#components.peerStore.get(id, { signal })).addresses.map(({ multiaddr }) => multiaddr)
    } catch {
      // it does not know the peer, or can't be read
      signal.throwIfAborted()

      return []
    }
  }

  /**
   * @param isLast - Whether there is no other address that could have its turn
   * @returns `silent` when it was given up for the next one, the error when it failed
   */
  async #attempt (entry: BookEntry, address: BookAddress, options: DialOptions, isLast: boolean): Promise<'connected' | 'silent' | Error> {
    const peer = entry.id.toString()
    const place = dialPlace(address.multiaddr)
    const turn = new AbortController()
    // an address that has led to this peer is this peer's own
    const isProved = address.workedAt !== undefined
    setMaxListeners(Infinity, turn.signal)

    const admitted = isProved
      ? ALWAYS
      : await this.#gate.enter(place, {
        signal: options.signal,
        onHeld: options.onHeld,
        giveWay: () => { turn.abort(new TimeoutError('The dial gave way to others')) }
      })

    if (admitted === 'full') {
      return new TooManyPendingDialsError(place.endpoint)
    }

    // behind an endpoint without a relay there is one process, so its silence towards others is this peer's too
    if (admitted === 'silent' && address.relayed) {
      return new TooManyPendingDialsError(place.endpoint)
    }

    if (admitted === 'silent') {
      this.#init.book.dialled(peer, address.multiaddr, false)

      return new TimeoutError(`${place.endpoint} has not answered those who were dialled there before`)
    }

    try {
      const result = await this.#open(entry, address, options, turn, () => {
        if (isLast) {
          admitted.turnIsOver()
        } else {
          turn.abort(SILENT)
        }
      })

      if (result === 'connected') {
        if (!isProved) {
          this.#gate.worked(place)
        }
      } else if (result !== 'silent' && classifyFailure(result, 'dialling', 0) !== undefined) {
        this.#init.book.dialled(peer, address.multiaddr, false)
      }

      return result
    } catch (err) {
      // a dial that is given up has not failed, but one that ran out of time has
      if (options.signal.reason?.name === 'TimeoutError') {
        this.#init.book.dialled(peer, address.multiaddr, false)
      }

      throw err
    } finally {
      admitted.leave()
    }
  }

  /**
   * @param onTurnOver - Called when there is no sign of life in time, or no connection in time after it
   * @throws {Error} The dial was given up
   */
  async #open ({ id }: BookEntry, { multiaddr }: BookAddress, options: DialOptions, turn: AbortController, onTurnOver: () => void): Promise<'connected' | 'silent' | Error> {
    const { signal } = options
    const abort = (): void => { turn.abort(signal.reason) }
    const startedAt = performance.now()
    options.onAttempt()
    let reachedAt: number | undefined
    let timer = setTimeout(onTurnOver, this.#turnMs(id.toString()))

    signal.addEventListener('abort', abort)

    try {
      signal.throwIfAborted()
      const connection = await this.#components.connectionManager.openConnection([withPeer(multiaddr, id)], {
        ...options,
        signal: turn.signal,
        onProgress: onDialReached(() => {
          // somebody is there, though it may be another peer
          clearTimeout(timer)
          reachedAt = performance.now()
          timer = setTimeout(onTurnOver, withinTurn(Math.max(HANDSHAKE_PER_CONNECT * (reachedAt - startedAt), HANDSHAKE_SLACK * this.#handshakeMs)))
        }, options.onProgress)
      })

      if (reachedAt !== undefined) {
        this.#handshakeMs = Math.max(performance.now() - reachedAt, HANDSHAKE_DECAY * this.#handshakeMs)
      }

      // a stub of the connection manager, as the tests of kad-dht use one, gives none
      if (connection !== undefined) {
        this.#init.book.dialled(id.toString(), connection.remoteAddr, true)
      }

      return 'connected'
    } catch (err) {
      if (signal.aborted) {
        throw err
      }

      if (turn.signal.aborted) {
        return turn.signal.reason === SILENT ? 'silent' : turn.signal.reason
      }

      return err instanceof Error ? err : new Error(String(err))
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  #turnMs (peer: string): number {
    return withinTurn(this.#init.connectDeadlineMs(peer))
  }
}

function withinTurn (ms: number): number {
  return Math.min(Math.max(ms, MIN_TURN_MS), MAX_TURN_MS)
}

/** The reason of a dial that has given way to the next address */
const SILENT = 'silent'

/** A dial that needs no room */
const ALWAYS: AdmittedDial = { turnIsOver: () => {}, leave: () => {} }

/** Among the addresses that were tried, this one stands for all that the peer store knows */
const PEER_STORE = 'peer store'

function untried ({ addresses }: BookEntry, tried: Set<string>): BookAddress[] {
  return addresses.filter(({ multiaddr, checked }) => checked && !tried.has(multiaddr.toString()))
}

/** Which of two errors says more of the peer: one that is not ours, and of these a time-out */
function worse (before: Error | undefined, error: Error): Error {
  const outcomes = [before, error].map(one => one === undefined ? undefined : classifyFailure(one, 'dialling', 0))

  return before !== undefined && (outcomes[1] === undefined || (outcomes[0]?.type === 'dialFailed' && outcomes[0].class === 'timeout')) ? before : error
}

function withPeer (multiaddr: Multiaddr, id: PeerId): Multiaddr {
  return multiaddr.getComponents().at(-1)?.name === 'p2p' ? multiaddr : multiaddr.encapsulate(`/p2p/${id.toString()}`)
}
