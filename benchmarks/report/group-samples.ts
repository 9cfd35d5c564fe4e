import { ARMS, OPERATIONS } from './results.ts'
import type { Sample } from './results.ts'

/**
 * The samples of one scenario, operation and arm, by ascending index
 */
export type SampleGroup = [Sample, ...Sample[]]

/**
 * Sort samples into groups of one scenario, operation and arm each. Scenarios are in the
 * order of their first appearance, operations and arms in the order of `OPERATIONS` and
 * `ARMS`.
 */
export function groupSamples (samples: readonly Sample[]): SampleGroup[] {
  const groups: SampleGroup[] = []

  for (const scenario of new Set(samples.map(sample => sample.scenario))) {
    for (const operation of OPERATIONS) {
      for (const arm of ARMS) {
        const [first, ...rest] = samples
          .filter(sample => sample.scenario === scenario && sample.operation === operation && sample.arm === arm)
          .sort((a, b) => a.index - b.index)

        if (first !== undefined) {
          groups.push([first, ...rest])
        }
      }
    }
  }

  return groups
}
