import { linearRegression, median } from 'simple-statistics'
import { describeEnvironment } from '../report/describe-environment.ts'
import type { SoakEnd, SoakSample } from './run-soak.ts'
import type { SoakOptions } from './soak-options.ts'
import type { Results } from '../report/results.ts'

const MS_PER_MINUTE = 60_000
const MS_PER_HOUR = 3_600_000

/** Number of looks at the start and at the end whose median is taken, because a single look may fall into a bad moment */
const AT_EACH_END = 5

/**
 * The heap after the warm-up and at the end
 */
export interface HeapGrowth {
  warmMiB: number
  endMiB: number
  growthPercent: number
  /** Slope of the line fitted to all looks since the warm-up */
  slopeMiBPerHour: number
}

/**
 * What `soak` prints with `--json`
 */
export interface SoakResults extends Omit<Results, 'results' | 'versus'> {
  results: SoakSample[]
  /** Absent when there were fewer than two looks after the warm-up */
  heap?: HeapGrowth
  /** Absent when the run did not reach its end */
  end?: SoakEnd
  /** Things that must not be, one sentence each */
  faults: string[]
}

/**
 * Judge the looks at the node, and add the conditions of the run
 */
export async function soakResults (options: SoakOptions, samples: SoakSample[], end: SoakEnd | undefined): Promise<SoakResults> {
  const { seed, ...parameters } = options
  const heap = heapGrowth(samples.filter(({ atMs }) => atMs >= options.warmUpMinutes * MS_PER_MINUTE))

  return {
    benchmark: 'soak',
    seed,
    parameters,
    ...await describeEnvironment(),
    notes: [
      'The heap is what is left after garbage collection, between lookups.',
      ...(heap === undefined ? ['Too short to say whether memory grows after the warm-up.'] : []),
      ...(end === undefined ? ['The run did not reach its end: the node was not stopped, and what it leaves is not known.'] : [])
    ],
    results: samples,
    ...(heap === undefined ? {} : { heap }),
    ...(end === undefined ? {} : { end }),
    faults: [
      ...(heap !== undefined && heap.growthPercent > options.maxGrowth
        ? [`The heap grew by ${heap.growthPercent.toFixed(1)}% after the warm-up; allowed are ${options.maxGrowth}%.`]
        : []),
      ...Object.entries(end?.warnings ?? samples.at(-1)?.warnings ?? {}).map(([kind, count]) => `Node warned, ${count} times: ${kind}`),
      ...Object.entries(end?.handles ?? {}).map(([type, count]) => `Left after stop: ${count} ${type}`),
      ...(end !== undefined && end.listeners > 0 ? [`Left after stop: ${end.listeners} listeners`] : []),
      ...(end?.exited === false ? ['The process did not end by itself after stop.'] : [])
    ]
  }
}

function heapGrowth (samples: SoakSample[]): HeapGrowth | undefined {
  const count = Math.min(AT_EACH_END, Math.floor(samples.length / 2))

  if (count === 0) {
    return undefined
  }

  const heaps = samples.map(({ heapMiB }) => heapMiB)
  const warmMiB = median(heaps.slice(0, count))
  const endMiB = median(heaps.slice(-count))

  return {
    warmMiB,
    endMiB,
    growthPercent: 100 * (endMiB / warmMiB - 1),
    slopeMiBPerHour: linearRegression(samples.map(({ atMs, heapMiB }) => [atMs / MS_PER_HOUR, heapMiB])).m
  }
}
