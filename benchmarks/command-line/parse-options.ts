import { parseArgs } from 'node:util'
import { optionName } from './option-name.ts'
import { UsageError } from './usage-error.ts'
import type { OptionDefinition } from './option-definition.ts'

/**
 * Options that every benchmark has
 */
export interface CommonOptions {
  help: boolean
  /** Where to write the results as JSON; `-` is standard output */
  json: string | undefined
  /** Where to write the HTML report */
  report: string | undefined
}

/**
 * Read a command line: every option at most by its definition, everything that
 * is left out at its default, which `--quick` may change; and which were given.
 *
 * @throws {UsageError} There is an unknown option or a value out of range
 */
export function parseOptions<Options> (definitions: { readonly [Name in keyof Options]: OptionDefinition }, args: readonly string[]): { options: Options, given: ReadonlySet<string>, common: CommonOptions } {
  const entries = Object.entries<OptionDefinition>(definitions)
  const { help, quick, given } = readArgs(entries, args)

  const options = Object.fromEntries(entries.map(([key, definition]) => {
    const text = given.get(optionName(key))

    if (text == null) {
      return [key, quick && definition.quick !== undefined ? definition.quick : definition.default]
    }

    return [key, parseValue(`--${optionName(key)}`, definition, text)]
  }))

  return {
    options: options as Options,
    given: new Set(entries.map(([key]) => key).filter(key => given.has(optionName(key)))),
    common: { help, json: given.get('json'), report: given.get('report') }
  }
}

function readArgs (definitions: Array<[string, OptionDefinition]>, args: readonly string[]): { help: boolean, quick: boolean, given: Map<string, string> } {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        report: { type: 'string' },
        ...Object.fromEntries(definitions.map(([key, { kind }]) => [optionName(key), { type: kind === 'flag' ? 'boolean' : 'string' } as const]))
      }
    })

    return {
      help: values.help === true,
      quick: values.quick === true,
      given: new Map(Object.entries(values).flatMap(([name, value]) => value == null ? [] : [[name, String(value)]]))
    }
  } catch (err) {
    // Node adds sentences about positional arguments, which no benchmark takes
    throw new UsageError(firstSentence(err.message))
  }
}

function firstSentence (text: string): string {
  return text.split(/\. |\n/)[0]?.replace(/\.$/, '') ?? text
}

function parseValue (name: string, definition: OptionDefinition, text: string): unknown {
  switch (definition.kind) {
    case 'number':
      return parseNumber(text, definition) ??
        refuse(name, `${definition.integer ? 'a whole number' : 'a number'} from ${definition.min} to ${definition.max}`, text)
    case 'choice':
      return definition.choices.includes(text) ? text : refuse(name, `one of ${definition.choices.join(', ')}`, text)
    case 'list':
      return parseList(text, definition.choices) ??
        refuse(name, `some of ${definition.choices.join(', ')}, each once, separated by commas`, text)
    case 'choiceOrNumber':
      return definition.choices.includes(text)
        ? text
        : parseNumber(text, { ...definition, integer: false }) ??
          refuse(name, `one of ${definition.choices.join(', ')} or a number from ${definition.min} to ${definition.max}`, text)
    case 'flag':
      return true
    case 'parsed':
      try {
        return definition.parse(text)
      } catch (err) {
        throw new UsageError(`${name}: ${err.message}`)
      }
    default:
      return definition satisfies never
  }
}

function refuse (name: string, expected: string, text: string): never {
  throw new UsageError(`${name} must be ${expected}, got "${text}"`)
}

function parseNumber (text: string, { min, max, integer }: { min: number, max: number, integer: boolean }): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text)

  return value >= min && value <= max && (!integer || Number.isInteger(value)) ? value : undefined
}

function parseList (text: string, choices: readonly string[]): string[] | undefined {
  const values = text.split(',').map(value => value.trim())

  return values.every(value => choices.includes(value)) && new Set(values).size === values.length ? values : undefined
}
