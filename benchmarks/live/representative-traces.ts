import type { Operation } from '../report/results.ts'

/** The operations shown of each arm, as quantiles of the times */
const SHOWN = [{ quantile: 0.5, name: 'the median' }, { quantile: 0.99, name: 'the 99th percentile' }] as const

/**
 * The steps that led to the result of one operation, for people to read
 */
export interface OperationTrace {
  arm: string
  operation: Operation
  /** Number of the operation among the arm's operations of this kind, from 0 */
  index: number
  timeMs: number
  /** What happened, in order */
  lines: readonly string[]
}

/**
 * Choose the traces that tell where the time goes. For each arm and operation these are
 * the trace of the median and that of the 99th percentile, by nearest rank.
 *
 * @returns For each trace its lines, the title first. Arms and operations are in the order of their first traces.
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
