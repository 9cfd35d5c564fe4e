import { numberIn } from './number-in.ts'
import type { OptionDefinition } from './option-definition.ts'

/**
 * An option whose value is one of some names, or a number in a range
 */
export function choiceOrNumberOption (description: string, { default: fallback, choices, min, max }: { default: string, choices: readonly string[], min: number, max: number }): OptionDefinition {
  return {
    description,
    placeholder: 'NAME|N',
    default: fallback,
    parse: text => {
      const value = choices.includes(text) ? text : numberIn(text, min, max)

      if (value === undefined) {
        throw new RangeError(`must be one of ${choices.join(', ')} or a number from ${min} to ${max}, got "${text}"`)
      }

      return value
    }
  }
}
