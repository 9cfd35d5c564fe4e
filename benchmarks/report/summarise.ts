import { mean, min, quantile } from 'simple-statistics'
import { groupSamples } from './group-samples.ts'
import type { SampleGroup } from './group-samples.ts'
import type { ArmResult, Sample } from './results.ts'

/** Number of first operations that are shown separately, because a cold arm learns most in them */
const FIRST = 10

/**
 * One result for each group of `groupSamples`, in the same order
 *
 * Percentiles interpolate linearly between order statistics (Hyndman and Fan's
 * type 7, the default of R and NumPy). A failure counts with its time, which is
 * the time limit. `firstTen` are the ten samples with the lowest index.
 */
export function summarise (samples: readonly Sample[]): ArmResult[] {
  return groupSamples(samples).map(summariseGroup)
}

function summariseGroup (group: SampleGroup): ArmResult {
  const { arm, scenario, operation } = group[0]
  const times = group.map(sample => sample.timeMs)
  const recalls = group.flatMap(sample => sample.recall ?? [])
  const memories = group.flatMap(sample => sample.honestMemory ?? [])
  const stored = group.map(({ timeMs, recall, afterReturn }) => afterReturn ?? { timeMs, recallAtReturn: recall })
  const recallsAtReturn = stored.flatMap(({ recallAtReturn }) => recallAtReturn ?? [])
  const backgrounds = group.flatMap(sample => sample.background ?? [])

  return {
    arm,
    scenario,
    operation,
    samples: group.length,
    failures: group.filter(sample => sample.failed).length,
    success: group.filter(sample => !sample.failed).length / group.length,
    timeMs: {
      p50: quantile(times, 0.5),
      p90: quantile(times, 0.9),
      p99: quantile(times, 0.99),
      mean: mean(times)
    },
    firstTen: {
      p50: quantile(times.slice(0, FIRST), 0.5),
      queries: { mean: mean(group.slice(0, FIRST).map(sample => sample.queries)) },
      dials: { mean: mean(group.slice(0, FIRST).map(sample => sample.dials)) }
    },
    ...(recalls.length > 0 ? { recall: { mean: mean(recalls), min: min(recalls) } } : {}),
    ...(memories.length > 0 ? { honestMemory: { mean: mean(memories), min: min(memories) } } : {}),
    ...(group.some(({ afterReturn }) => afterReturn !== undefined) && recallsAtReturn.length > 0
      ? {
          afterReturn: {
            timeMs: { p50: quantile(stored.map(({ timeMs }) => timeMs), 0.5), p90: quantile(stored.map(({ timeMs }) => timeMs), 0.9) },
            recallAtReturn: { mean: mean(recallsAtReturn), min: min(recallsAtReturn) }
          }
        }
      : {}),
    ...retrievedOf(group),
    queries: { mean: mean(group.map(sample => sample.queries)) },
    dials: { mean: mean(group.map(sample => sample.dials)) },
    unresponsive: { mean: mean(group.map(sample => sample.unresponsive)) },
    ...(backgrounds.length > 0
      ? { background: { queries: { mean: mean(backgrounds.map(({ queries }) => queries)) }, dials: { mean: mean(backgrounds.map(({ dials }) => dials)) } } }
      : {})
  }
}

function retrievedOf (group: SampleGroup): Pick<ArmResult, 'retrieved'> {
  const soon = group.flatMap(({ retrieved }) => retrieved?.soon ?? [])
  const later = group.flatMap(({ retrieved }) => retrieved?.later ?? [])

  return soon.length === 0 ? {} : { retrieved: { soon: shareOf(soon), ...(later.length === 0 ? {} : { later: shareOf(later) }) } }
}

function shareOf (found: readonly boolean[]): number {
  return found.filter(Boolean).length / found.length
}
