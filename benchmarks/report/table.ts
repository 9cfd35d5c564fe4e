import { alignColumns } from './align-columns.ts'
import { conditionsOf } from './conditions-of.ts'
import { formatRatio } from './format-ratio.ts'
import { wrapText } from './wrap-text.ts'
import type { ArmResult, Results, Versus } from './results.ts'

const HEADINGS = ['arm', 'p50 ms', 'p90 ms', 'p99 ms', 'first ten', 'recall (min)', 'queries', 'dials', 'no answer', 'failed', 'vs kad-dht (95% CI)']

/** Width of the table, in columns of a terminal */
const WIDTH = 120

/**
 * The results as a plain-text table, one block for each scenario and operation,
 * followed by notes and the conditions under which they were measured.
 *
 * Times are medians and percentiles in ms. `first ten` is the median of an arm's first
 * ten operations. The counts of queries, of dials, and of those that got no answer are
 * means per operation. The last column is the median time of kad-dht divided by the
 * arm's, with its 95% interval.
 */
export function formatTable (results: Results): string {
  const lines: string[] = []

  for (const [title, group] of blocksOf(results.results)) {
    lines.push(title, ...alignColumns([HEADINGS, ...group.map(result => cellsOf(result, results.versus))], 1), '')
  }

  if (results.results.length === 0) {
    lines.push('No operation was completed.', '')
  }

  return [...lines, ...[...results.notes, ...conditionsOf(results)].flatMap(text => wrapText(text, WIDTH))].join('\n') + '\n'
}

function blocksOf (results: ArmResult[]): Map<string, ArmResult[]> {
  return Map.groupBy(results, ({ scenario, operation }) => `${scenario}, ${operation}`)
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
