import { alignColumns } from '../report/align-columns.ts'
import { conditionsOf } from '../report/conditions-of.ts'
import { wrapText } from '../report/wrap-text.ts'
import type { SoakSample } from './run-soak.ts'
import type { SoakResults } from './soak-results.ts'

const HEADINGS = ['time', 'lookups', 'failed', 'heap MiB', 'rss MiB', 'handles', 'connections', 'streams', 'scores', 'table', 'peer store', 'listeners']

/** Width of the table, in columns of a terminal */
const WIDTH = 120

/** Limit of looks that are printed. When there are more, the printed ones are spread evenly. */
const MAX_ROWS = 30

const SECONDS_PER_MINUTE = 60

/**
 * The results as a plain-text table, with what they mean and their conditions
 */
export function formatSoakTable (results: SoakResults): string {
  const { heap, end, faults, notes } = results

  return [
    ...alignColumns([HEADINGS, ...spread(results.results).map(cellsOf)], 1),
    '',
    ...(heap === undefined
      ? []
      : [`Heap after the warm-up ${heap.warmMiB.toFixed(1)} MiB, at the end ${heap.endMiB.toFixed(1)} MiB: ${signed(heap.growthPercent)}%, ${signed(heap.slopeMiBPerHour)} MiB an hour by the line fitted to it.`]),
    ...(end !== undefined && faults.length === 0 ? ['After stop nothing was left: no handle, no listener, no warning, and the process ended by itself.'] : []),
    ...faults,
    '',
    ...[...notes, ...conditionsOf(results)].flatMap(text => wrapText(text, WIDTH))
  ].join('\n') + '\n'
}

function cellsOf (sample: SoakSample): string[] {
  return [
    formatTime(sample.atMs),
    sample.lookups,
    sample.failures,
    sample.heapMiB.toFixed(1),
    sample.rssMiB.toFixed(0),
    sample.handles,
    sample.connections,
    sample.streams,
    sample.scores,
    sample.table,
    sample.peerStore,
    sample.abortListeners
  ].map(String)
}

function spread (samples: SoakSample[]): SoakSample[] {
  const step = Math.max(1, (samples.length - 1) / (MAX_ROWS - 1))

  return Array.from({ length: Math.min(samples.length, MAX_ROWS) }, (_, row) => samples[Math.round(row * step)])
}

function formatTime (ms: number): string {
  const seconds = Math.round(ms / 1000)

  return `${Math.floor(seconds / SECONDS_PER_MINUTE)}:${String(seconds % SECONDS_PER_MINUTE).padStart(2, '0')}`
}

function signed (value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(1)}`
}
