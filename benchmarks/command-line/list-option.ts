import type { OptionDefinition } from './option-definition.ts'

/**
 * An option whose value is a list of choices, separated by commas. Each choice may be in
 * it once.
 */
export function listOption (description: string, { choices, ...init }: { default: readonly string[], quick?: readonly string[], choices: readonly string[] }): OptionDefinition {
  return {
    description: `${description}: ${choices.join(', ')}`,
    placeholder: 'A,B',
    defaultLabel: init.default.length === choices.length ? 'all' : undefined,
    ...init,
    parse: text => {
      const values = text.split(',').map(value => value.trim())

      if (!values.every(value => choices.includes(value)) || new Set(values).size !== values.length) {
        throw new RangeError(`must be some of ${choices.join(', ')}, each once, separated by commas, got "${text}"`)
      }

      return values
    }
  }
}
