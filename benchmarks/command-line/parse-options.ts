import { CommanderError } from 'commander'
import { commandOf } from './command-of.ts'
import { UsageError } from './usage-error.ts'
import type { Command } from 'commander'
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
 * Read a command line. An option that is left out gets its default, which `--quick` may
 * change. The result also says which options were given. An option may be given once at
 * most.
 *
 * @throws {UsageError} There is an unknown option or a value out of range
 */
export function parseOptions<Options> (definitions: { readonly [Name in keyof Options]: OptionDefinition }, args: readonly string[]): { options: Options, given: ReadonlySet<string>, common: CommonOptions } {
  const command = parsed(commandOf(definitions, true), args)
  const { help = false, quick = false, json, report, ...values } = command.opts()
  const given = new Set(Object.keys(values).filter(key => command.getOptionValueSource(key) === 'cli'))

  const options = Object.fromEntries(Object.entries<OptionDefinition>(definitions).map(([key, { quick: rough }]) =>
    [key, quick && rough !== undefined && !given.has(key) ? rough : values[key]]))

  return { options: options as Options, given, common: { help, json, report } }
}

function parsed (command: Command, args: readonly string[]): Command {
  try {
    return command.parse(args, { from: 'user' })
  } catch (err) {
    throw err instanceof CommanderError ? new UsageError(err.message.replace(/^error: /, '').replace('\n', ' ')) : err
  }
}
