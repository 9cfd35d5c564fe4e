/** go-libp2p p2p/net/swarm/swarm_dial.go `BackoffBase`, `BackoffCoef`, `BackoffMax`, ms */
const BASE_MS = 5_000
const COEFFICIENT_MS = 1_000
const MAX_MS = 300_000

interface Failure {
  tries: number
  untilMs: number
}

/**
 * go-libp2p's memory of dials that failed. After a failure, the peer is not dialled again
 * for 5 s. With each further failure this time grows quadratically, up to 5 minutes.
 * Until it is over, a dial of that peer fails at once.
 */
export class DialBackoff {
  readonly #failures = new Map<number, Failure>()
  #cleanedAtMs = 0

  /**
   * How many rounds of a peer's addresses can be dialled now. Each address has a backoff
   * of its own, and the addresses of the first round failed first.
   *
   * @param rounds - Number of rounds in which the peer's addresses are tried, one after another
   * @param roundMs - Time between the failures of two rounds, ms
   * @returns 0 when a dial would fail at once
   */
  open (node: number, rounds: number, roundMs: number, now: number): number {
    const untilMs = this.#failures.get(node)?.untilMs ?? -Infinity

    return Math.max(0, rounds - Math.max(0, Math.ceil((untilMs - now) / roundMs)))
  }

  /** A dial has failed. A dial that was cancelled does not count. */
  failed (node: number, now: number): void {
    this.#cleanUp(now)

    const tries = this.#failures.get(node)?.tries ?? 0
    this.#failures.set(node, { tries: tries + 1, untilMs: now + backoffMs(tries) })
  }

  /** A dial has succeeded */
  connected (node: number): void {
    this.#failures.delete(node)
  }

  /** As upstream: a backoff is forgotten when as much time has passed since its end as it lasted. This bounds the memory. */
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
