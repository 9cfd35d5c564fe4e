/**
 * A parameter has a value outside its range; the message names the parameter,
 * the value and what is allowed.
 */
export class InvalidParametersError extends Error {
  static name = 'InvalidParametersError'
  override name = 'InvalidParametersError'
}
