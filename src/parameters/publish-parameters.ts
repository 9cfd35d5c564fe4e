import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

/** Of k = 20 holders a put waits for 15 */
const RETURN_SHARE = 0.75

/**
 * The options of puts
 */
export interface PublishParameters {
  /**
   * A put returns when so many of the k closest peers that have answered hold the record. It goes on to the
   * others in the background. A whole number from 1 to k.
   *
   * @default three quarters of k: 15 of 20
   */
  returnAfter: number
}

/**
 * The parameters that differ from their defaults
 */
export type PublishParametersInit = Partial<PublishParameters>

/** The range and the default of each parameter. The upper bound of `returnAfter` is k. */
const PUBLISH_RULES = {
  returnAfter: { default: 15, min: 1, max: 1000, integer: true }
} as const satisfies ParameterRules<PublishParameters>

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @param k - How many holders a record has
 * @throws {InvalidParametersError} A name is unknown, or a value is out of its range
 */
export function validatePublishParameters (init: PublishParametersInit, k: number): PublishParameters {
  const parameters = checkParameters<PublishParameters>('publishing', PUBLISH_RULES, { ...init, returnAfter: init.returnAfter ?? Math.ceil(RETURN_SHARE * k) })

  if (parameters.returnAfter > k) {
    throw new InvalidParametersError(`publishing: returnAfter is ${parameters.returnAfter}, allowed is up to k, ${k}`)
  }

  return parameters
}
