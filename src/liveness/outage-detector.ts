import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

// penalties on hold, or still to be taken back; a lookup that fails altogether asks a
// few dozen peers, so this spans many. Beyond it the oldest stand.
const MAX_SILENCES = 1000

// connections that are lost at once point to us, one now and then to the other side, ms
const AT_ONCE_MS = 1000

// fewer peers than this fail together by chance, however few are known
const FEWEST_PEERS = 3

// after a standstill connections turn out to be gone, and there is much to do at once, ms
const CATCHING_UP_MS = 1000

// who stands still again within this time has no time to catch up, ms
const OFTEN_MS = 30_000

/**
 * A request to which nothing came back
 */
export interface Silence<P> {
  peer: P
  outcome: Outcome
  /** Who named the peer; undefined when nobody did */
  referrer: P | undefined
  /** When the request was made, ms */
  startedAt: number
  /** When it was found to have failed, ms */
  failedAt: number
}

/**
 * What becomes of a failure:
 *
 * - `counts`: it is the peer's
 * - `excused`: it is ours
 * - `held`: it may be ours. The next sign of life tells; `takenBack` has the records from
 *   before the failures that came first and were counted
 */
export type SilenceVerdict<P> =
  | { type: 'counts' }
  | { type: 'excused' }
  | { type: 'held', takenBack: ReadonlyMap<P, Readonly<PeerScore>> }

export interface OutageDetectorInit {
  /** So many different peers that were expected to answer make an outage; fewer where fewer are known */
  peers: number
  /** How many peers are expected to answer, counted up to a limit */
  expectedPeers: (limit: number) => number
}

/**
 * Tells our own outage from peers that went away: when nobody answers any more,
 * and many peers were expected to, it is us.
 *
 * Evidence is a peer that had answered, was not poor, and fails although nobody else
 * has answered since its own answer was due. When there is enough of it, failures
 * are held back until something comes back from the network. An answer to a request
 * that was made in time shows that the network was there when they failed, so they
 * count after all. An answer to a later request shows nothing of the sort: it was an
 * outage, and they are dropped.
 *
 * A peer is excused once. It has to answer before its failures are evidence again, or
 * nobody would ever find out that all peers of old are gone.
 */
export class OutageDetector<P> {
  readonly #init: OutageDetectorInit
  /** Until when each peer's answer was due that fails as if we were offline, ms */
  readonly #evidence = new Map<P, number>()
  /** When connections were lost of peers that were expected to answer, ms */
  readonly #lost = new Map<P, { at: number, dueAt: number }>()
  /** Failures that counted since the last sign of life */
  #counted: Array<Silence<P>> = []
  /** Records from before those */
  readonly #snapshots = new Map<P, Readonly<PeerScore>>()
  readonly #excused = new Set<P>()
  #suspicion: { needed: number, held: Array<Silence<P>> } | undefined
  #aliveAt = -Infinity
  /** Requests that were made before have met an outage, ms */
  #excusedUntil = -Infinity
  #interruptedAt = -Infinity

  constructor (init: OutageDetectorInit) {
    this.#init = init
  }

  /** True while failures are held back */
  get inOutage (): boolean {
    return this.#suspicion !== undefined
  }

  /**
   * Something came back from a peer: what was held back is decided.
   *
   * @param requestedAt - Since when the network must have been there for it, ms
   * @returns The failures that were deserved, oldest first: they have yet to be counted
   */
  signOfLife (peer: P, requestedAt: number, now: number): Array<Silence<P>> {
    const suspicion = this.#suspicion
    const isOutage = suspicion !== undefined && this.#dueBefore(requestedAt) >= suspicion.needed

    if (isOutage) {
      this.#evidence.forEach((_, other) => { this.#excused.add(other) })
      this.#excusedUntil = now
    }

    this.#aliveAt = now
    this.#excused.delete(peer)
    this.#clear()

    return isOutage ? [] : suspicion?.held ?? []
  }

  /**
   * A peer did not answer.
   *
   * @param before - The peer's record without this failure
   */
  failed (silence: Silence<P>, before: Readonly<PeerScore>): SilenceVerdict<P> {
    const { peer, startedAt, failedAt } = silence

    if (startedAt < this.#excusedUntil) {
      return { type: 'excused' }
    }

    const latencyMs = this.#expectedLatencyMs(peer, before)

    if (latencyMs !== undefined && this.#aliveAt < startedAt + latencyMs / 2 && !this.#evidence.has(peer)) {
      this.#evidence.set(peer, startedAt + latencyMs)
    }

    if (this.#suspicion === undefined) {
      this.remember(peer, before)
      keepLatest(this.#counted, silence)

      return this.#weigh(failedAt)
    }

    keepLatest(this.#suspicion.held, silence)

    return { type: 'held', takenBack: new Map() }
  }

  /**
   * The connection to a peer was lost. That alone says nothing of the peer, but of us
   * when it happens to many at once.
   *
   * @returns Never `excused`: `held` when this has made failures suspicious
   */
  connectionLost (peer: P, record: Readonly<PeerScore>, now: number): SilenceVerdict<P> {
    const latencyMs = this.#expectedLatencyMs(peer, record)

    if (latencyMs === undefined) {
      return { type: 'counts' }
    }

    this.#forgetLostBefore(now - AT_ONCE_MS)
    // so that the oldest comes first
    this.#lost.delete(peer)
    this.#lost.set(peer, { at: now, dueAt: now + latencyMs })

    const last = this.#counted.at(-1)

    return this.#suspicion === undefined && last !== undefined && now - last.failedAt <= AT_ONCE_MS ? this.#weigh(now) : { type: 'counts' }
  }

  /**
   * We stood still, or were stopped: whatever was under way tells nothing of others, nor
   * does what begins while we catch up
   */
  interrupted (now: number): void {
    // a process that stands still all the time would never hold anybody for dead
    this.#excusedUntil = now - this.#interruptedAt < OFTEN_MS ? now : now + CATCHING_UP_MS
    this.#interruptedAt = now
    this.#clear()
  }

  /** Keep a record as it is before a penalty that an outage would excuse */
  remember (peer: P, before: Readonly<PeerScore>): void {
    if (this.#snapshots.has(peer)) {
      return
    }

    this.#snapshots.set(peer, before)

    if (this.#snapshots.size > MAX_SILENCES) {
      const [oldest] = this.#snapshots.keys()
      this.#snapshots.delete(oldest)
    }
  }

  /** The peer's record is gone: there is nothing to take back */
  forget (peer: P): void {
    this.#snapshots.delete(peer)
    this.#evidence.delete(peer)
    this.#lost.delete(peer)
    this.#excused.delete(peer)
  }

  /** Whether it is an outage by now */
  #weigh (now: number): SilenceVerdict<P> {
    this.#forgetLostBefore(now - AT_ONCE_MS)

    for (const [peer, { dueAt }] of this.#lost) {
      if (!this.#evidence.has(peer)) {
        this.#evidence.set(peer, dueAt)
      }
    }

    this.#lost.clear()

    // how many are known takes a while to count, and mostly nothing hangs on it
    const needed = this.#evidence.size < FEWEST_PEERS ? this.#init.peers : this.#neededPeers()

    if (this.#evidence.size < needed) {
      return { type: 'counts' }
    }

    // whose penalties are too many to be taken back has them already
    const held = this.#counted.filter(({ peer }) => this.#snapshots.has(peer))
    const takenBack = new Map(this.#snapshots)

    this.#suspicion = { needed, held }
    this.#counted = []
    this.#snapshots.clear()

    return { type: 'held', takenBack }
  }

  /** Of how many peers the answers were due before a time */
  #dueBefore (time: number): number {
    let count = 0

    for (const dueAt of this.#evidence.values()) {
      count += Number(dueAt < time)
    }

    return count
  }

  /** Half of those that are expected to answer, within limits */
  #neededPeers (): number {
    const { peers, expectedPeers } = this.#init

    return Math.min(peers, Math.max(FEWEST_PEERS, Math.ceil(expectedPeers(2 * peers) / 2)))
  }

  /** @returns undefined for a peer that nobody expects to answer */
  #expectedLatencyMs (peer: P, record: Readonly<PeerScore>): number | undefined {
    // as it was before the failures of this silence, which may have made it poor
    const before = this.#snapshots.get(peer) ?? record

    return isExpectedToAnswer(before) && !this.#excused.has(peer) ? before.latencyMs : undefined
  }

  #forgetLostBefore (time: number): void {
    for (const [peer, { at }] of this.#lost) {
      if (at >= time) {
        return
      }

      this.#lost.delete(peer)
    }
  }

  #clear (): void {
    this.#suspicion = undefined
    this.#counted = []
    this.#snapshots.clear()
    this.#evidence.clear()
    this.#lost.clear()
  }
}

/**
 * Whether a peer has answered and is not poor
 */
export function isExpectedToAnswer ({ latencyMs, reliability }: Readonly<PeerScore>): boolean {
  return latencyMs !== undefined && reliability >= 0.5
}

function keepLatest<T> (list: T[], item: T): void {
  list.push(item)

  if (list.length > MAX_SILENCES) {
    list.shift()
  }
}
