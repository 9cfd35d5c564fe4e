import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

const HOUR = 3_600_000

/** Of its k holders a key needs this share, 0 to 1 */
const LEAST_SHARE = 0.5

/** The range and the default of each parameter. The default of `leastHolders` is for k = 20, and its upper bound is k. */
export const BULK_RULES: ParameterRules<BulkParameters> = {
  lookupsAtOnce: { default: 2, min: 1, max: 100, integer: true },
  peersAtOnce: { default: 8, min: 1, max: 1000, integer: true },
  recordsPerSend: { default: 500, min: 1, max: 100_000, integer: true },
  leastHolders: { default: 10, min: 1, max: 1000, integer: true },
  regionsAtOnce: { default: 2, min: 1, max: 100, integer: true },
  cycleMs: { default: 22 * HOUR, min: HOUR / 60, max: 30 * 24 * HOUR, integer: true }
}

/**
 * The parameters of bulk puts, and of what is put again on a schedule
 */
export interface BulkParameters {
  /**
   * How many lookups explore regions at a time, in all, a whole number from 1 to 100. Few, so
   * that the lookups of the user stay fast.
   *
   * @default 2
   */
  lookupsAtOnce: number

  /**
   * How many peers of one region are sent to at a time, a whole number from 1 to 1000.
   * With `regionsAtOnce` that many times more in all.
   *
   * @default 8
   */
  peersAtOnce: number

  /**
   * How many records a peer gets at once, on one stream, a whole number from 1 to 100000. When a
   * send fails, it is as many that have to be sent again.
   *
   * @default 500
   */
  recordsPerSend: number

  /**
   * On how many peers a key has to be stored, or it has failed, a whole number from 1 to k. Where
   * the network has fewer peers, on all of them.
   *
   * @default Half of k, rounded up: 10 of 20
   */
  leastHolders: number

  /**
   * How many regions are under way at a time, a whole number from 1 to 100. With two, one is
   * explored while the other is sent.
   *
   * @default 2
   */
  regionsAtOnce: number

  /**
   * How often each region is sent anew, ms, a whole number from 60000 (a minute) to 2592000000 (30 days).
   * Servers drop provider records after 48 hours, so that one cycle may go wrong.
   *
   * @default 79200000: 22 hours, as in Go
   */
  cycleMs: number
}

/**
 * The parameters that differ from their defaults
 */
export type BulkParametersInit = Partial<BulkParameters>

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @param k - How many holders a key has
 * @throws {InvalidParametersError} A name is unknown, a value is out of its range, or `leastHolders` is above k
 */
export function validateBulkParameters (init: BulkParametersInit, k: number): BulkParameters {
  const parameters = checkParameters('bulk parameters', BULK_RULES, { ...init, leastHolders: init.leastHolders ?? Math.ceil(LEAST_SHARE * k) })

  if (parameters.leastHolders > k) {
    throw new InvalidParametersError(`bulk parameters: leastHolders is ${parameters.leastHolders}, allowed is up to k, ${k}`)
  }

  return parameters
}
