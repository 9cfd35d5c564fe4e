import { Command, Option } from 'commander'
import { UsageError } from './usage-error.ts'
import type { OptionDefinition } from './option-definition.ts'

/**
 * A benchmark's command line: its own options, and the options that every benchmark has.
 * It prints nothing and does not end the process.
 */
export function commandOf (options: Readonly<Record<string, OptionDefinition>>, hasReport: boolean): Command {
  const command = new Command()
    .helpOption(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })

  Object.entries(options).forEach(([key, definition]) => { command.addOption(optionOf(key, definition)) })

  return command
    .addOption(new Option('--quick', 'a rough answer within a minute: smaller defaults, in brackets above'))
    .addOption(new Option('--json <FILE>', 'write the results as JSON; - is standard output, and everything else goes to standard error'))
    .addOption(new Option('--report <FILE>', 'write a self-contained HTML report with plots').hideHelp(!hasReport))
    .addOption(new Option('-h, --help', 'print this'))
}

function optionOf (key: string, definition: OptionDefinition): Option {
  const { description, placeholder, parse } = definition
  const name = `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  const option = new Option(placeholder === undefined ? name : `${name} <${placeholder}>`, description)

  if (parse !== undefined) {
    option.argParser(text => {
      try {
        return parse(text)
      } catch (err) {
        throw new UsageError(`${name} ${err.message}`)
      }
    })
  }

  return option.default(definition.default, labelOf(definition))
}

/** The default as the help shows it, with the default of `--quick` in brackets */
function labelOf ({ default: fallback, defaultLabel = format(fallback), quick }: OptionDefinition): string {
  return quick === undefined ? defaultLabel : `${defaultLabel} [${format(quick)}]`
}

function format (value: unknown): string {
  return Array.isArray(value) ? value.join(',') : value === undefined || value === false ? '' : String(value)
}
