import type { Operation } from '../report/results.ts'

/** Shown of all operations of an arm: where half of them, and where all but the slowest, are through */
const SHOWN = [{ quantile: 0.5, name: 'the median' }, { quantile: 0.99, name: 'the 99th percentile' }] as const

/**
 * What led to the result of one operation, for people who want to see it
 */
export interface OperationTrace {
  arm: string
  operation: Operation
  /** Counts the arm's operations of this kind from 0 */
  index: number
  timeMs: number
  /** What happened, in order */
  lines: readonly string[]
}

/**
 * The traces that say where the time goes: of each arm and operation that of the median
 * and that of the 99th percentile, by nearest rank
 *
 * @returns Lines for people, a title first; the arms and operations in the order of their first traces
 */
export function representativeTraces (traces: readonly OperationTrace[]): string[][] {
  const groups = Map.groupBy(traces, ({ arm, operation }) => `${arm}, ${operation}`)

  return [...groups].flatMap(([name, group]) => {
    const sorted = group.toSorted((a, b) => a.timeMs - b.timeMs)
    const shown = Map.groupBy(SHOWN, ({ quantile }) => sorted[Math.ceil(quantile * sorted.length) - 1])

    return Array.from(shown, ([{ index, timeMs, lines }, places]) => [
      `${name} number ${index + 1}, ${places.map(place => place.name).join(' and ')} of ${group.length}:`,
      ...lines,
      `took ${Math.round(timeMs)} ms in all`
    ])
  })
}
