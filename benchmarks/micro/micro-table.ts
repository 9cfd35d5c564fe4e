import { alignColumns } from '../report/align-columns.ts'
import { conditionsOf } from '../report/conditions-of.ts'
import { formatRatio } from '../report/format-ratio.ts'
import { wrapText } from '../report/wrap-text.ts'
import type { MicroResults } from './micro-results.ts'

const HEADINGS = ['operation', 'by', 'ops/s', 'p50 µs', 'p99 µs', 'vs kad-dht (95% CI)']

const MICROSECONDS_PER_MS = 1000

/** Width of the table, in columns of a terminal */
const WIDTH = 120

/**
 * The results as a plain-text table, followed by notes and conditions
 */
export function formatMicroTable (results: MicroResults): string {
  const rows = results.results.map(({ operation, by, arm, timeMs, operationsPerSecond }) => {
    const comparison = results.versus.find(versus => versus.operation === operation && versus.by === by)

    return [
      operation,
      arm === 'kad-dht' ? `${by} (kad-dht)` : by,
      Math.round(operationsPerSecond).toLocaleString('en'),
      formatRatio(timeMs.p50 * MICROSECONDS_PER_MS),
      formatRatio(timeMs.p99 * MICROSECONDS_PER_MS),
      comparison === undefined ? '' : `${formatRatio(comparison.ratioP50)} (${comparison.ci95.map(formatRatio).join('-')})`
    ]
  })

  return [
    ...alignColumns([HEADINGS, ...rows], 2),
    '',
    ...[...results.notes, ...conditionsOf(results)].flatMap(text => wrapText(text, WIDTH))
  ].join('\n') + '\n'
}
