import type { Signs } from './signs.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** The Weibull distribution of sessions that fits the uptimes of the Amino DHT in 2025 (ProbeLab): S(t) = exp(-(t / scale)^shape) */
const SHAPE = 0.38
const SCALE_MS = 1.09 * HOUR_MS

/** A peer that we meet has been there for a while. This is the median of that time, for sessions by the distribution above. */
const MET_AFTER_MS = 9.9 * HOUR_MS

/** The share of the peers that others name which answer. Peers name some that are dead, as every routing table has some. */
const NAMED_SHARE = 0.9

/** Of the peers that failed, this share is back after a long time. Half of these are back after `BACK_HALF_MS`. */
const BACK_SHARE = 0.2
const BACK_HALF_MS = 2 * HOUR_MS

/** Peers that answered are told apart by how long they had answered without a break: up to these limits, or longer */
const AGE_LIMITS_MS = [15 * MINUTE_MS, 4 * HOUR_MS]

/**
 * The rows of the corrections. Peers that answered have one for each age, those that failed
 * one for each of whether they had answered before. Each of these is there twice, for those
 * that were named since and those that were not.
 */
const FAILED_ROW = 2 * (AGE_LIMITS_MS.length + 1)
const NAMED_ROW = FAILED_ROW + 4
const ROWS = NAMED_ROW + 1

/** The columns: the time that has passed since the sign, from a minute to two days, each twice as long as the one before */
const COLUMNS = 12

/** How many observations the published distribution counts for */
const PRIOR_WEIGHT = 5

/** Each correction spans this many observations, so that the law follows the network */
const WEIGHT_CAP = 300

/** A lookup asks the peers that it hears of within this time */
const FRESH_MS = 10_000

/** Nobody is quite certain to answer, or not to */
const LEAST = 0.01

/** From this chance on a peer counts as certain to be there. Of k = 20 such peers one is missed on average. */
export const CERTAIN = 0.95

/**
 * The chance that a peer answers now, by what was seen of it last. The law begins with
 * the published distribution of sessions. Each request shows whether it was right, and
 * corrects it, for that kind of sign and that time since. So it becomes true in
 * a network with other sessions, too. Its size is fixed, and it keeps no history.
 *
 * The chance is the published one plus a correction. Corrections are kept for times of
 * 1, 2, 4 … minutes since the sign. Between two of them, the correction is interpolated.
 */
export class PresenceLaw {
  readonly #corrections = new Float64Array(ROWS * COLUMNS)
  readonly #weights = new Float64Array(ROWS * COLUMNS).fill(PRIOR_WEIGHT)

  /** The chance that the peer answers now, 0.01 to 0.99 */
  chance (signs: Signs): number {
    const { cell, share } = cellOf(signs)
    const correction = this.#corrections[cell] * (1 - share) + this.#corrections[cell + 1] * share

    return Math.min(Math.max(published(signs) + correction, LEAST), 1 - LEAST)
  }

  /**
   * A peer of which these signs were known has answered, or has not
   *
   * @returns By how much the chance was wrong, -1 to 1. `unlearn` takes it back.
   */
  learn (signs: Signs, answered: boolean): number {
    const error = isFresh(signs) ? 0 : Number(answered) - this.chance(signs)
    this.#correct(signs, error)

    return error
  }

  /** What `learn` was told was not so: its steps are undone */
  unlearn (signs: Signs, error: number): void {
    for (const [index, part] of partsOf(signs)) {
      this.#corrections[index] -= part * error / this.#weights[index]
      this.#weights[index] = Math.max(this.#weights[index] - part, PRIOR_WEIGHT)
    }
  }

  #correct (signs: Signs, error: number): void {
    for (const [index, part] of partsOf(signs)) {
      this.#weights[index] = Math.min(this.#weights[index] + part, WEIGHT_CAP)
      this.#corrections[index] += part * error / this.#weights[index]
    }
  }
}

/**
 * Whether a peer was named just now. Of such peers those are asked that are the closest to
 * somebody's key, and there more peers can't be reached than anywhere else. So what
 * becomes of them says nothing of the peers that are remembered.
 */
function isFresh (signs: Signs): boolean {
  return signs.type === 'named' && signs.agoMs < FRESH_MS
}

/** The chance by the published distribution */
function published (signs: Signs): number {
  switch (signs.type) {
    case 'answered': {
      const ageMs = MET_AFTER_MS + signs.forMs

      return survival(ageMs + signs.agoMs) / survival(ageMs)
    }
    case 'failed':
      return BACK_SHARE * (1 - 2 ** (-signs.agoMs / BACK_HALF_MS))
    case 'named':
      return NAMED_SHARE * survival(MET_AFTER_MS + signs.agoMs) / survival(MET_AFTER_MS)
    default:
      return signs satisfies never
  }
}

/** The share of the sessions that last at least so long */
function survival (ms: number): number {
  return Math.exp(-((ms / SCALE_MS) ** SHAPE))
}

/** The two corrections between which the signs lie, and the part that each has in them */
function partsOf (signs: Signs): Array<[index: number, part: number]> {
  const { cell, share } = cellOf(signs)

  return [[cell, 1 - share], [cell + 1, share]]
}

/** The correction next below, and how far the signs lie towards the one above it: 0 to 1 */
function cellOf (signs: Signs): { cell: number, share: number } {
  const column = Math.min(Math.max(Math.log2(signs.agoMs / MINUTE_MS), 0), COLUMNS - 1)
  const below = Math.min(Math.floor(column), COLUMNS - 2)

  return { cell: rowOf(signs) * COLUMNS + below, share: column - below }
}

function rowOf (signs: Signs): number {
  switch (signs.type) {
    case 'answered': {
      const limit = AGE_LIMITS_MS.findIndex(limitMs => signs.forMs < limitMs)

      return 2 * (limit === -1 ? AGE_LIMITS_MS.length : limit) + Number(signs.namedSince)
    }
    case 'failed':
      return FAILED_ROW + 2 * Number(signs.hadAnswered) + Number(signs.namedSince)
    case 'named':
      return NAMED_ROW
    default:
      return signs satisfies never
  }
}
