import type { ArmResult } from './results.ts'

/** Columns about puts: their headings, and the cells of each arm */
export interface PutColumns {
  headings: string[]
  rows: string[][]
}

/**
 * What became of the records that were put, beyond the time until the caller could go on. An
 * arm whose puts never return before all is stored has its own time and recall here.
 *
 * @param results - Those of one operation
 * @returns Undefined where nothing but the time and the recall was measured
 */
export function putColumns (results: readonly ArmResult[]): PutColumns | undefined {
  if (results.every(({ afterReturn, retrieved }) => afterReturn === undefined && retrieved === undefined)) {
    return undefined
  }

  return {
    headings: ['all holders p50 ms', 'p90 ms', 'at return (min)', 'found after 1 s', 'found later'],
    rows: results.map(({ timeMs, recall, afterReturn, retrieved }) => {
      const stored = afterReturn?.timeMs ?? timeMs
      const atReturn = afterReturn?.recallAtReturn ?? recall

      return [
        stored.p50.toFixed(0),
        stored.p90.toFixed(0),
        atReturn === undefined ? '' : `${atReturn.mean.toFixed(2)} (${atReturn.min.toFixed(2)})`,
        formatShare(retrieved?.soon),
        formatShare(retrieved?.later)
      ]
    })
  }
}

function formatShare (share: number | undefined): string {
  return share === undefined ? '' : `${(100 * share).toFixed(1)}%`
}
