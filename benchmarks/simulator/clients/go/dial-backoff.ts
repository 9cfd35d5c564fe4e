/** go-libp2p p2p/net/swarm/swarm_dial.go `BackoffBase`, `BackoffCoef`, `BackoffMax`, ms */
const BASE_MS = 5_000
const COEFFICIENT_MS = 1_000
const MAX_MS = 300_000

interface Failure {
  tries: number
  untilMs: number
}

/**
 * go-libp2p's memory of dials that failed: such a peer is not dialled again for 5 s, and
 * longer each time, quadratically, up to 5 minutes. Meanwhile a dial fails at once.
 */
export class DialBackoff {
  readonly #failures = new Map<number, Failure>()
  #cleanedAtMs = 0

  /**
   * How many rounds of a peer's addresses would be dialled now: each address is remembered
   * by itself, and those that were tried first failed first
   *
   * @param rounds - In how many its addresses are tried, one after another
   * @param roundMs - Between the failures of two rounds
   * @returns 0 where a dial would fail at once
   */
  open (node: number, rounds: number, roundMs: number, now: number): number {
    const untilMs = this.#failures.get(node)?.untilMs ?? -Infinity

    return Math.max(0, rounds - Math.max(0, Math.ceil((untilMs - now) / roundMs)))
  }

  /** A dial has failed, not for having been given up */
  failed (node: number, now: number): void {
    this.#cleanUp(now)

    const tries = this.#failures.get(node)?.tries ?? 0
    this.#failures.set(node, { tries: tries + 1, untilMs: now + backoffMs(tries) })
  }

  /** A dial has succeeded */
  connected (node: number): void {
    this.#failures.delete(node)
  }

  /** As upstream, forget what lies as far back as it lasted: what is kept is bounded by the dials of that time */
  #cleanUp (now: number): void {
    if (now - this.#cleanedAtMs < MAX_MS) {
      return
    }

    this.#cleanedAtMs = now

    for (const [node, { tries, untilMs }] of this.#failures) {
      if (untilMs + backoffMs(tries) < now) {
        this.#failures.delete(node)
      }
    }
  }
}

function backoffMs (tries: number): number {
  return Math.min(BASE_MS + COEFFICIENT_MS * tries ** 2, MAX_MS)
}
