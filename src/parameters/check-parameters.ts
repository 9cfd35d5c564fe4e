import { InvalidParametersError } from './invalid-parameters-error.ts'

/**
 * A numeric parameter's default and the values that it may take
 */
export interface ParameterRule {
  default: number
  /** Lowest value allowed */
  min: number
  /** Highest value allowed */
  max: number
  /** Only whole numbers are allowed */
  integer?: boolean
}

export type ParameterRules<T> = { readonly [name in keyof T]: ParameterRule }

/**
 * Fill in defaults and check each value against its rule. A parameter given as
 * `undefined` takes its default.
 *
 * @param what - What the parameters belong to; errors start with it
 * @throws {InvalidParametersError} A name is unknown, or a value is no number, `NaN` or out of range
 */
export function checkParameters<T extends Record<keyof T, number>> (what: string, rules: ParameterRules<T>, init: Partial<T>): T {
  for (const name of Object.keys(init)) {
    if (!Object.hasOwn(rules, name)) {
      throw new InvalidParametersError(`${what}: there is no parameter ${name}, only ${Object.keys(rules).join(', ')}`)
    }
  }

  const names = Object.keys(rules) as Array<keyof T & string>

  return Object.fromEntries(names.map(name => [name, checked(what, name, rules[name], init[name])])) as T
}

function checked (what: string, name: string, rule: ParameterRule, value: unknown = rule.default): number {
  // a comparison with NaN is false, so NaN is refused as well
  if (typeof value === 'number' && value >= rule.min && value <= rule.max && (rule.integer !== true || Number.isInteger(value))) {
    return value
  }

  const kind = rule.integer === true ? 'a whole number' : 'a number'

  throw new InvalidParametersError(`${what}: ${name} is ${printed(value)}, allowed is ${kind} from ${rule.min} to ${rule.max}`)
}

function printed (value: unknown): string {
  if (typeof value === 'number' || value === null) {
    return String(value)
  }

  return typeof value === 'string' ? JSON.stringify(value) : `of type ${typeof value}`
}
