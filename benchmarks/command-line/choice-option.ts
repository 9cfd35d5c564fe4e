import type { OptionDefinition } from './option-definition.ts'

/**
 * An option whose value is one of some names
 */
export function choiceOption (description: string, { choices, ...init }: { default: string | undefined, choices: readonly string[] }): OptionDefinition {
  return {
    description: `${description}: ${choices.join(', ')}`,
    placeholder: 'NAME',
    ...init,
    parse: text => {
      if (!choices.includes(text)) {
        throw new RangeError(`must be one of ${choices.join(', ')}, got "${text}"`)
      }

      return text
    }
  }
}
