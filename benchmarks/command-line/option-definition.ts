/**
 * What a command line needs to know of one option. Its name is that of the
 * value in camel case; people write `--rtt-ms 50` for `rttMs`.
 */
export type OptionDefinition = {
  description: string
  /** Another default for `--quick` */
  quick?: unknown
} & (
  | { kind: 'number', default: number, min: number, max: number, integer: boolean, unit?: string }
  | { kind: 'choice', default: string | undefined, choices: readonly string[] }
  /** Some of the choices, each at most once, separated by commas */
  | { kind: 'list', default: readonly string[], choices: readonly string[] }
  /** One of the choices, or a number in the range */
  | { kind: 'choiceOrNumber', default: string, choices: readonly string[], min: number, max: number }
  /** Given or not, without a value */
  | { kind: 'flag', default: false }
  /** Anything that `parse` accepts; it throws an error that says what it expected */
  | { kind: 'parsed', default: unknown, placeholder: string, parse (text: string): unknown }
)
