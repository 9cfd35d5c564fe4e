import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

// failures that are held back, or can still be taken back. A lookup that fails altogether
// asks a few dozen peers, so this spans many lookups. Older failures stand.
const MAX_SILENCES = 1000

// connections that are lost within this time of each other point to us; a single one points
// to the other side, ms
const AT_ONCE_MS = 1000

// fewer peers than this fail together by chance, however few are known
const FEWEST_PEERS = 3

// for this long after a standstill there is much to do at once, and connections turn out to
// be gone, ms
const CATCHING_UP_MS = 1000

// a process that stands still again within this time gets no time to catch up, ms
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
  /** How many different peers that were expected to answer make an outage; fewer where fewer are known */
  peers: number
  /** How many peers are expected to answer, counted up to a limit */
  expectedPeers: (limit: number) => number
}

/**
 * Tells our own outage from peers that went away. When nobody answers any more, and many
 * peers were expected to, it is us.
 *
 * A failure is evidence when its peer had answered before and was not poor, and when nobody
 * has answered since its own answer was due. When there is enough evidence, failures are held
 * back until something comes back from the network. An answer to a request from before the
 * failures shows that the network was there, so the failures count after all. An answer to a
 * later request does not show that: it was an outage, and the failures are dropped.
 *
 * A peer is excused once. It has to answer before its failures are evidence again.
 * Otherwise a node whose old peers are all gone would never find that out.
 */
export class OutageDetector<P> {
  readonly #init: OutageDetectorInit
  /** The evidence: when the answer of each of these peers was due, ms */
  readonly #evidence = new Map<P, number>()
  /** Peers that were expected to answer and lost their connection, and when, ms */
  readonly #lost = new Map<P, { at: number, dueAt: number }>()
  /** Failures that counted since the last sign of life */
  #counted: Array<Silence<P>> = []
  /** Records from before those */
  readonly #snapshots = new Map<P, Readonly<PeerScore>>()
  readonly #excused = new Set<P>()
  #suspicion: { needed: number, held: Array<Silence<P>> } | undefined
  #aliveAt = -Infinity
  /** A request that was made before this time has met an outage, ms */
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
   * Something came back from a peer, which decides what becomes of the failures held back.
   *
   * @param requestedAt - When it was asked for, ms; the network has been there since
   * @returns The failures that count after all, oldest first; the caller counts them
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
   * @param before - The peer's record as it is without this failure
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
   * The connection to a peer was lost. That alone says nothing of the peer. When many are
   * lost at once, it says something of us.
   *
   * @returns Never `excused`: `held` when this has made failures suspicious
   */
  connectionLost (peer: P, record: Readonly<PeerScore>, now: number): SilenceVerdict<P> {
    const latencyMs = this.#expectedLatencyMs(peer, record)

    if (latencyMs === undefined) {
      return { type: 'counts' }
    }

    this.#forgetLostBefore(now - AT_ONCE_MS)
    // the map stays sorted, the oldest first
    this.#lost.delete(peer)
    this.#lost.set(peer, { at: now, dueAt: now + latencyMs })

    const last = this.#counted.at(-1)

    return this.#suspicion === undefined && last !== undefined && now - last.failedAt <= AT_ONCE_MS ? this.#weigh(now) : { type: 'counts' }
  }

  /**
   * Our process stood still, or the node was stopped. Requests that were under way say
   * nothing of their peers, nor do those that begin while we catch up.
   */
  interrupted (now: number): void {
    // a process that stands still all the time would excuse every failure
    this.#excusedUntil = now - this.#interruptedAt < OFTEN_MS ? now : now + CATCHING_UP_MS
    this.#interruptedAt = now
    this.#clear()
  }

  /** Keep a peer's record from before a penalty, so that the penalty can be taken back in an outage */
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

  /** The peer's record is gone, so there is nothing to take back */
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

    // the count of the peers that are known takes a while, and is rarely needed
    const needed = this.#evidence.size < FEWEST_PEERS ? this.#init.peers : this.#neededPeers()

    if (this.#evidence.size < needed) {
      return { type: 'counts' }
    }

    // a failure whose snapshot is gone can't be taken back, so it stands
    const held = this.#counted.filter(({ peer }) => this.#snapshots.has(peer))
    const takenBack = new Map(this.#snapshots)

    this.#suspicion = { needed, held }
    this.#counted = []
    this.#snapshots.clear()

    return { type: 'held', takenBack }
  }

  /** How many pieces of evidence are of answers that were due before a time */
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
    // the failures of this silence may have made it poor, so the record from before them decides
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
