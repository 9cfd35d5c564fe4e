import { commandOf } from './command-of.ts'
import type { Option } from 'commander'
import type { Benchmark } from './benchmark.ts'

/** Width of the help, in columns of a terminal */
const WIDTH = 120

/** A longer default is printed below the description, not beside it */
const MAX_DEFAULT = 14

/**
 * What `--help` prints for one benchmark: a table of its options with their defaults
 */
export function helpText (benchmark: Omit<Benchmark, 'start'>, summaries: ReadonlyMap<string, string>): string {
  const command = commandOf(benchmark.options, benchmark.hasReport)
  const help = command.createHelp()
  const options = help.visibleOptions(command)
  const usageWidth = Math.max(...options.map(option => usageOf(option).length))
  const termOf = (usage: string, fallback: string): string => `${usage.padEnd(usageWidth)}  ${fallback.padEnd(MAX_DEFAULT)}`

  help.prepareContext({ helpWidth: WIDTH })

  return [
    `npm run benchmark -- ${benchmark.name} [options]`,
    '',
    help.boxWrap(summaries.get(benchmark.name) ?? '', WIDTH),
    '',
    `  ${termOf('option', 'default')}`.trimEnd(),
    ...options.map(option => {
      const { description, defaultValueDescription: fallback = '' } = option
      const isBeside = fallback.length <= MAX_DEFAULT
      const term = termOf(usageOf(option), isBeside ? fallback : '')

      return help.formatItem(term, term.length, isBeside ? description : `${description} (default: ${fallback})`, help)
    }),
    '',
    'Other benchmarks, each with --help:',
    ...[...summaries].filter(([name]) => name !== benchmark.name).map(([name, summary]) => `  ${name}: ${summary}`),
    ''
  ].join('\n')
}

/** The option as users type it: its long name, and a placeholder for its value */
function usageOf ({ flags }: Option): string {
  return flags.slice(flags.indexOf('--')).replace(/[<>]/g, '')
}
