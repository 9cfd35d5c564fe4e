import { alignColumns } from './align-columns.ts'
import { conditionsOf } from './conditions-of.ts'
import { formatRatio } from './format-ratio.ts'
import { putColumns } from './put-columns.ts'
import { wrapText } from './wrap-text.ts'
import type { Arm, ArmResult, Results, Versus } from './results.ts'

const HEADINGS = ['arm', 'p50 ms', 'p90 ms', 'p99 ms', 'first ten', 'recall (min)', 'queries', 'dials', 'no answer', 'failed', 'vs kad-dht (95% CI)']

/** Our arms */
const OURS: readonly Arm[] = ['scored', 'scored-warm']

/** Width of the table, in columns of a terminal */
const WIDTH = 120

/**
 * The results as a plain-text table, one block for each scenario and operation,
 * followed by notes and the conditions under which they were measured.
 *
 * Times are medians and percentiles in ms. `first ten` is the median of an arm's first
 * ten operations. The counts of queries, of dials, and of those that got no answer are
 * means per operation. The last column is the median time of kad-dht divided by the
 * arm's, with its 95% interval. Lines below it tell what became of the records that were put,
 * compare our arms with go-kad-dht, and tell how much of an arm's memory is real where
 * somebody invents peers.
 */
export function formatTable (results: Results): string {
  const lines: string[] = []

  for (const [title, group] of blocksOf(results.results)) {
    lines.push(title, ...alignColumns([HEADINGS, ...group.map(result => cellsOf(result, results.versus))], 1), ...putsOf(group), ...againstGo(group, results.versus), ...memoryOf(group), '')
  }

  if (results.results.length === 0) {
    lines.push('No operation was completed.', '')
  }

  return [...lines, ...[...results.notes, ...conditionsOf(results)].flatMap(text => wrapText(text, WIDTH))].join('\n') + '\n'
}

function blocksOf (results: ArmResult[]): Map<string, ArmResult[]> {
  return Map.groupBy(results, ({ scenario, operation }) => `${scenario}, ${operation}`)
}

/** What became of the records that were put */
function putsOf (group: ArmResult[]): string[] {
  const columns = putColumns(group)

  return columns === undefined
    ? []
    : alignColumns([['what was put', ...columns.headings], ...group.map(({ arm }, i) => [arm, ...columns.rows[i]])], 1)
}

/** What the table has no column for: our arms beside the other implementation */
function againstGo (group: ArmResult[], comparisons: Versus[]): string[] {
  const [{ scenario, operation }] = group as [ArmResult]

  return comparisons
    .filter(comparison => comparison.scenario === scenario && comparison.operation === operation && comparison.baseline === 'go-kad-dht' && OURS.includes(comparison.arm))
    .map(({ arm, baseline, ratioP50, ci95 }) => `${arm} is ${formatRatio(ratioP50)} times as fast as ${baseline} (95% CI ${ci95.map(formatRatio).join('-')})`)
}

/** How much of what an arm remembers is real, where somebody invents peers */
function memoryOf (group: ArmResult[]): string[] {
  return group.flatMap(({ arm, honestMemory }) => honestMemory === undefined
    ? []
    : [`${arm} remembers peers of whom ${formatShare(honestMemory.mean)} exist, and ${formatShare(honestMemory.min)} at the lowest`])
}

function formatShare (share: number): string {
  return `${(100 * share).toFixed(1)}%`
}

function cellsOf (result: ArmResult, comparisons: Versus[]): string[] {
  const { timeMs, firstTen, recall, queries, dials, unresponsive, failures, samples } = result
  const comparison = comparisons.find(({ arm, baseline, scenario, operation }) =>
    arm === result.arm && baseline === 'kad-dht' && scenario === result.scenario && operation === result.operation)

  return [
    result.arm,
    timeMs.p50.toFixed(0),
    timeMs.p90.toFixed(0),
    timeMs.p99.toFixed(0),
    firstTen.p50.toFixed(0),
    recall === undefined ? '' : `${recall.mean.toFixed(2)} (${recall.min.toFixed(2)})`,
    queries.mean.toFixed(1),
    dials.mean.toFixed(1),
    unresponsive.mean.toFixed(1),
    `${failures}/${samples}`,
    comparison === undefined ? '' : `${formatRatio(comparison.ratioP50)} (${comparison.ci95.map(formatRatio).join('-')})`
  ]
}
