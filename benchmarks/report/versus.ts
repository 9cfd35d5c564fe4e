import { groupSamples } from './group-samples.ts'
import { isPut } from './is-put.ts'
import { ratioOfMedians } from './ratio-of-medians.ts'
import type { SampleGroup } from './group-samples.ts'
import type { RatioOfMedians } from './ratio-of-medians.ts'
import type { Arm, Sample, Versus } from './results.ts'

/** The arms to compare with: what users have now, the best that options alone give them, other implementations, and the physical limit */
const BASELINES: readonly Arm[] = ['kad-dht', 'kad-dht-tuned', 'go-kad-dht', 'go-optimistic', 'full-table', 'kadabra', 'oracle', 'oracle-tcp']

/**
 * Compare each arm with each baseline, wherever both have samples
 *
 * Samples of the same index were measured on the same key and are compared in pairs.
 * Indexes that only one of the two has are left out. Puts have keys of their own and are
 * not compared in pairs.
 *
 * @param seed - Seed of the bootstrap. The same seed gives the same intervals.
 */
export function versus (samples: readonly Sample[], seed: number): Versus[] {
  const groups = groupSamples(samples)

  return groups.flatMap(group => BASELINES.flatMap(baseline => {
    const { arm, scenario, operation } = group[0]
    const baselineGroup = groups.find(([other]) => other.arm === baseline && other.scenario === scenario && other.operation === operation)

    if (arm === baseline || baselineGroup === undefined) {
      return []
    }

    const result = compareTimes(baselineGroup, group, seed)

    return result === undefined ? [] : [{ arm, baseline, scenario, operation, ratioP50: result.ratio, ci95: result.ci95 }]
  }))
}

function compareTimes (baseline: SampleGroup, arm: SampleGroup, seed: number): RatioOfMedians | undefined {
  // each arm puts keys of its own, so that no arm finds the records of another: index i is not the same key in two arms
  if (isPut(arm[0].operation)) {
    return ratioOfMedians(timesOf(baseline), timesOf(arm), { paired: false, seed })
  }

  const armByIndex = new Map(arm.map(sample => [sample.index, sample]))
  const shared = baseline.filter(sample => armByIndex.has(sample.index))

  if (shared.length === 0) {
    return undefined
  }

  return ratioOfMedians(timesOf(shared), shared.map(({ index }) => armByIndex.get(index)?.timeMs ?? NaN), { paired: true, seed })
}

function timesOf (samples: readonly Sample[]): number[] {
  return samples.map(sample => sample.timeMs)
}
