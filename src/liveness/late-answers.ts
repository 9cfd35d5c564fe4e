/**
 * How far a late request has come. `silent`: nothing has come back. `signed`: a sign of life
 * came back, and there is no connection yet. `connected`: a connection stands.
 */
export type LateStage = 'silent' | 'signed' | 'connected'

/** How long a lookup holds its finish for a late request of each stage, from when it was late or came to this stage, ms */
export type Graces = Readonly<Record<LateStage, number>>

interface LateRecord {
  /** The share of the late requests that were answered after all: a running mean */
  share: number
  shareWeight: number
  /** How long those took from when they were late, or came to this stage after that, ms: a running mean */
  meanMs: number
  meanWeight: number
}

/** What is assumed of a network of which nothing was seen yet. It counts as many requests as `PRIOR_WEIGHT` says. */
const PRIORS: Readonly<Record<LateStage, Pick<LateRecord, 'share' | 'meanMs'>>> = {
  silent: { share: 0.1, meanMs: 500 },
  signed: { share: 0.5, meanMs: 500 },
  connected: { share: 0.7, meanMs: 1500 }
}
const PRIOR_WEIGHT = 5

/** The means span this many requests, so that a node that moves to another network has soon forgotten the old one */
const WEIGHT_CAP = 100

/**
 * Learns what becomes of late requests, and from this how long one is worth waiting for.
 *
 * Of the late requests of a stage a share s is answered, after a time that is taken to be
 * exponentially distributed with the mean m. If an answer is worth w, a wait of t gains
 * w s (1 - exp(-t / m)) - t. That is most at t = m ln(w s / m), and nothing where w s < m.
 */
export class LateAnswers {
  readonly #records: Record<LateStage, LateRecord> = { silent: initial('silent'), signed: initial('signed'), connected: initial('connected') }

  /**
   * A late request has ended
   *
   * @param afterMs - How long it took from when it was late, or came to this stage after that, ms; undefined when there was no answer
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
   * How long late requests are worth waiting for
   *
   * @param worthMs - What one answer is worth: how long one would wait for it if it came for certain, ms
   */
  graces (worthMs: number): Graces {
    return { silent: this.#graceMs('silent', worthMs), signed: this.#graceMs('signed', worthMs), connected: this.#graceMs('connected', worthMs) }
  }

  #graceMs (stage: LateStage, worthMs: number): number {
    const { share, meanMs } = this.#records[stage]
    const mean = Math.max(meanMs, 1)

    return worthMs * share > mean ? mean * Math.log(worthMs * share / mean) : 0
  }
}

function initial (stage: LateStage): LateRecord {
  return { ...PRIORS[stage], shareWeight: PRIOR_WEIGHT, meanWeight: PRIOR_WEIGHT }
}
