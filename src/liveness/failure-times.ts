/**
 * When peers failed, as far as their failures count and were not taken back
 */
export class FailureTimes<P> {
  readonly #times = new Map<P, { first: number, last: number }>()

  /**
   * A failure of a peer counts
   *
   * @param failedAt - When it was noticed, ms
   * @param row - `goesOn` when nothing but such failures came since the one before
   */
  note (peer: P, failedAt: number, row: 'begins' | 'goesOn'): void {
    const before = row === 'goesOn' ? this.#times.get(peer) : undefined

    this.#times.set(peer, { first: before?.first ?? failedAt, last: failedAt })
  }

  /**
   * When the first failure of the peer's last row was noticed, ms
   */
  first (peer: P): number | undefined {
    return this.#times.get(peer)?.first
  }

  /**
   * Whether a request was under way already when the last failure of its peer was
   * noticed, so that its own failure is the same one
   */
  includes ({ peer, startedAt }: { peer: P, startedAt: number }): boolean {
    return startedAt < (this.#times.get(peer)?.last ?? -Infinity)
  }

  /**
   * What was noted of a peer counts no more
   */
  delete (peer: P): void {
    this.#times.delete(peer)
  }
}
