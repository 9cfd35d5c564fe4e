/**
 * How far a late request has come. `silent`: nothing has come back. `signed`: a sign of life
 * came back, and there is no connection yet. `connected`: a connection stands.
 */
export type LateStage = 'silent' | 'signed' | 'connected'

/** The range of what is kept of a stage */
interface LateRecord {
  /** Share of the late requests that were answered after all: a running mean */
  share: number
  /** How long those took, from when they were late or came to this stage, ms: a running mean */
  meanMs: number
  shareWeight: number
  meanWeight: number
}

/** What is assumed before anything was seen. It counts as `PRIOR_WEIGHT` requests. */
const PRIORS: Readonly<Record<LateStage, { share: number, meanMs: number }>> = {
  silent: { share: 0.1, meanMs: 500 },
  signed: { share: 0.5, meanMs: 500 },
  connected: { share: 0.7, meanMs: 1500 }
}
const PRIOR_WEIGHT = 5

/** The means span this many requests, so that a node that moves to another network has soon learned it */
const WEIGHT_CAP = 100

/**
 * Learns what becomes of late requests, and tells how long one is worth waiting for
 */
export class LateAnswers {
  readonly #records: Record<LateStage, LateRecord>

  constructor () {
    const record = (stage: LateStage): LateRecord => ({ ...PRIORS[stage], shareWeight: PRIOR_WEIGHT, meanWeight: PRIOR_WEIGHT })
    this.#records = { silent: record('silent'), signed: record('signed'), connected: record('connected') }
  }

  /**
   * Count a late request that has ended
   *
   * @param afterMs - How long it took from when it was late or came to this stage, ms; undefined when there was no answer
   */
  count (stage: LateStage, afterMs: number | undefined): void {
    const record = this.#records[stage]

    record.shareWeight = Math.min(record.shareWeight + 1, WEIGHT_CAP)
    record.share += ((afterMs === undefined ? 0 : 1) - record.share) / record.shareWeight

    if (afterMs !== undefined) {
      record.meanWeight = Math.min(record.meanWeight + 1, WEIGHT_CAP)
      record.meanMs += (afterMs - record.meanMs) / record.meanWeight
    }
  }

  /**
   * How long to wait for a late request, ms. Where a share of them is answered after times that
   * are exponentially distributed, the gain of a wait is worth * share * (1 - exp(-wait / mean)),
   * and it is largest, less the wait itself, at mean * ln(worth * share / mean).
   *
   * @param worthMs - How long a wait one answer is worth, ms
   */
  worthWaitingMs (stage: LateStage, worthMs: number): number {
    const { share, meanMs } = this.#records[stage]

    return Math.max(0, meanMs * Math.log(worthMs * share / meanMs))
  }

  toString (): string { return JSON.stringify(this.#records, (_, v) => typeof v === 'number' ? Math.round(v * 1000) / 1000 : v) }
}
