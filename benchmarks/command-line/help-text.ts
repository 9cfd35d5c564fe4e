import { wrapText } from '../report/wrap-text.ts'
import { optionName } from './option-name.ts'
import type { Benchmark } from './benchmark.ts'
import type { OptionDefinition } from './option-definition.ts'

/** Columns of a terminal that the help fits */
const WIDTH = 120

/** The longest default that has its place beside the description and not below it */
const MAX_DEFAULT = 14

/** How an option is written, its default, what it does */
type Row = [usage: string, fallback: string, description: string]

const QUICK: Row = ['--quick', '', 'a rough answer within a minute: smaller defaults, in brackets above']
const JSON_FILE: Row = ['--json FILE', '', 'write the results as JSON; - is standard output, and everything else goes to standard error']
const REPORT: Row = ['--report FILE', '', 'write a self-contained HTML report with plots']
const HELP: Row = ['--help', '', 'print this']

/**
 * What `--help` prints for one benchmark: a table of its options with their defaults
 */
export function helpText (command: Omit<Benchmark, 'start'>, summaries: ReadonlyMap<string, string>): string {
  const rows: Row[] = [
    ...Object.entries<OptionDefinition>(command.options).map(([key, definition]) => rowOf(key, definition)),
    QUICK,
    JSON_FILE,
    ...(command.hasReport ? [REPORT] : []),
    HELP
  ]
  const usageWidth = Math.max(...rows.map(([usage]) => usage.length))
  const indent = 2 + usageWidth + 2 + MAX_DEFAULT + 2

  const lines = rows.flatMap(([usage, fallback, description]) => {
    const beside = fallback.length <= MAX_DEFAULT
    const [first = '', ...rest] = wrapText(beside ? description : `${description} (default: ${fallback})`, WIDTH - indent)

    return [
      `  ${usage.padEnd(usageWidth)}  ${(beside ? fallback : '').padEnd(MAX_DEFAULT)}  ${first}`.trimEnd(),
      ...rest.map(line => ' '.repeat(indent) + line)
    ]
  })

  return [
    `npm run benchmark -- ${command.name} [options]`,
    '',
    ...wrapText(summaries.get(command.name) ?? '', WIDTH),
    '',
    `  ${'option'.padEnd(usageWidth)}  ${'default'.padEnd(MAX_DEFAULT)}`.trimEnd(),
    ...lines,
    '',
    'Other benchmarks, each with --help:',
    ...[...summaries].filter(([name]) => name !== command.name).map(([name, summary]) => `  ${name}: ${summary}`),
    ''
  ].join('\n')
}

function rowOf (key: string, definition: OptionDefinition): Row {
  const quick = definition.quick === undefined ? '' : ` [${formatDefault(definition.quick)}]`
  const unit = definition.kind === 'number' && definition.unit != null ? ` ${definition.unit}` : ''

  return [
    `--${optionName(key)} ${placeholderOf(definition)}`.trimEnd(),
    `${definition.kind === 'list' && definition.default.length === definition.choices.length ? 'all' : formatDefault(definition.default)}${unit}${quick}`,
    'choices' in definition && definition.kind !== 'choiceOrNumber' ? `${definition.description}: ${definition.choices.join(', ')}` : definition.description
  ]
}

function placeholderOf (definition: OptionDefinition): string {
  switch (definition.kind) {
    case 'number':
      return 'N'
    case 'choice':
      return 'NAME'
    case 'list':
      return 'A,B'
    case 'choiceOrNumber':
      return 'NAME|N'
    case 'flag':
      return ''
    case 'parsed':
      return definition.placeholder
    default:
      return definition satisfies never
  }
}

function formatDefault (value: unknown): string {
  return Array.isArray(value) ? value.join(',') : value === undefined || value === false ? '' : String(value)
}
