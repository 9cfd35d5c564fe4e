import type { PeerScore } from './peer-score.ts'

// records as they were before their penalties; a lookup that fails altogether asks
// a few dozen peers, so this spans many. Beyond it the oldest penalties stand.
const MAX_SNAPSHOTS = 1000

/**
 * Tells our own outage from peers that went away: when nobody answers any more,
 * and many peers were expected to, it is us.
 *
 * Only peers that had answered and were not poor count as evidence, because a node
 * that is told of nothing but dead peers is not offline.
 */
export class OutageDetector<P> {
  readonly #peers: number
  readonly #snapshots = new Map<P, Readonly<PeerScore>>()
  readonly #evidence = new Set<P>()
  #inOutage = false

  /**
   * @param peers - How many different peers that were expected to answer make an outage
   */
  constructor (peers: number) {
    this.#peers = peers
  }

  /** True from the moment when an outage is noticed to the next sign of life */
  get inOutage (): boolean {
    return this.#inOutage
  }

  /** Something came back from the network: penalties so far were deserved, and an outage is over */
  signOfLife (): void {
    this.#inOutage = false
    this.#forgetAll()
  }

  /** Keep a record as it is before a penalty that an outage would excuse */
  remember (peer: P, before: Readonly<PeerScore>): void {
    if (this.#snapshots.has(peer)) {
      return
    }

    this.#snapshots.set(peer, before)

    if (this.#snapshots.size > MAX_SNAPSHOTS) {
      const [oldest] = this.#snapshots.keys()
      this.#snapshots.delete(oldest)
    }
  }

  /**
   * A peer did not answer.
   *
   * @param before - The peer's record without this failure
   * @returns What the records were before the outage that this failure revealed; undefined when it revealed none
   */
  silence (peer: P, before: Readonly<PeerScore>): Map<P, Readonly<PeerScore>> | undefined {
    this.remember(peer, before)

    if (before.latencyMs !== undefined && before.reliability >= 0.5) {
      this.#evidence.add(peer)
    }

    if (this.#evidence.size < this.#peers) {
      return undefined
    }

    const takenBack = new Map(this.#snapshots)
    this.#inOutage = true
    this.#forgetAll()

    return takenBack
  }

  /** The peer's record is gone: there is nothing to take back */
  forget (peer: P): void {
    this.#snapshots.delete(peer)
    this.#evidence.delete(peer)
  }

  #forgetAll (): void {
    this.#snapshots.clear()
    this.#evidence.clear()
  }
}
