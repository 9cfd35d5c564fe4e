import type { OptionDefinition } from './option-definition.ts'

/**
 * An option whose value is some of the choices, each at most once, separated by commas
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
