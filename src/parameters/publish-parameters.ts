import { checkParameters } from './check-parameters.ts'
import { InvalidParametersError } from './invalid-parameters-error.ts'
import type { ParameterRules } from './check-parameters.ts'

/** Of k = 20 holders a put waits for 15 */
const RETURN_SHARE = 0.75

/**
 * The parameters of puts
 */
export interface PublishParameters {
  /**
   * A put returns when so many of the k closest peers hold the record. It goes on to the
   * others in the background. A whole number from 1 to k.
   *
   * @default three quarters of k: 15 of 20
   */
  returnAfter: number

  /**
   * The share of the provider records after which the peer is asked for the providers of the same
   * key, on the same stream, 0 to 1. A provider record has no answer. A peer reads the messages of
   * a stream in order, so its answer to the second one shows that it has read the record.
   *
   * @default 0.2
   */
  confirmShare: number
}

/**
 * The parameters that differ from their defaults
 */
export type PublishParametersInit = Partial<PublishParameters>

/** The range and the default of each parameter. The upper bound of `returnAfter` is k. */
const PUBLISH_RULES = {
  returnAfter: { default: 15, min: 1, max: 1000, integer: true },
  confirmShare: { default: 0.2, min: 0, max: 1 }
} as const satisfies ParameterRules<PublishParameters>

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @param k - How many holders a record has
 * @throws {InvalidParametersError} A name is unknown, or a value is out of its range
 */
export function validatePublishParameters (init: PublishParametersInit, k: number): PublishParameters {
  const parameters = checkParameters<PublishParameters>('publish parameters', PUBLISH_RULES, { ...init, returnAfter: init.returnAfter ?? Math.ceil(RETURN_SHARE * k) })

  if (parameters.returnAfter > k) {
    throw new InvalidParametersError(`publish parameters: returnAfter is ${parameters.returnAfter}, allowed is up to k, ${k}`)
  }

  return parameters
}
