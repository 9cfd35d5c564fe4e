import { numberIn } from './number-in.ts'
import type { OptionDefinition } from './option-definition.ts'

export interface NumberOptionInit {
  default: number | undefined
  quick?: number
  min: number
  max: number
  /** Unit of the default, shown in the help */
  unit?: string
  /** @default true */
  integer?: boolean
}

/**
 * An option whose value is a number in a range
 */
export function numberOption (description: string, { default: fallback, quick, min, max, unit, integer = true }: NumberOptionInit): OptionDefinition {
  return {
    description,
    placeholder: 'N',
    default: fallback,
    defaultLabel: unit === undefined ? undefined : `${fallback} ${unit}`,
    quick,
    parse: text => {
      const value = numberIn(text, min, max)

      if (value === undefined || (integer && !Number.isInteger(value))) {
        throw new RangeError(`must be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}, got "${text}"`)
      }

      return value
    }
  }
}
