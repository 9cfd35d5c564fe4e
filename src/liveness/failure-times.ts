/**
 * When peers failed. Only failures that count are here, and not those that were taken back.
 */
export class FailureTimes<P> {
  readonly #times = new Map<P, { first: number, last: number }>()

  /**
   * A failure of a peer counts
   *
   * @param failedAt - When it was noticed, ms
   * @param row - `goesOn` when the outcome before was such a failure too, otherwise `begins`
   */
  note (peer: P, failedAt: number, row: 'begins' | 'goesOn'): void {
    const before = row === 'goesOn' ? this.#times.get(peer) : undefined

    this.#times.set(peer, { first: before?.first ?? failedAt, last: failedAt })
  }

  /**
   * When the first failure of the peer's last row of failures was noticed, ms
   */
  first (peer: P): number | undefined {
    return this.#times.get(peer)?.first
  }

  /**
   * Whether a request was already under way when the last failure of its peer was noticed.
   * Then its own failure is the same one.
   */
  includes ({ peer, startedAt }: { peer: P, startedAt: number }): boolean {
    return startedAt < (this.#times.get(peer)?.last ?? -Infinity)
  }

  /**
   * Forget what was noted of a peer
   */
  delete (peer: P): void {
    this.#times.delete(peer)
  }
}
