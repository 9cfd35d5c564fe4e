import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Arm, Operation, Sample, ScoreSnapshot } from '../../../benchmarks/report/results.ts'

/** Median time of each arm, ms, and its recall: of the order of the prototypes' */
const TYPICAL: Record<Arm, { medianMs: number, recall: number }> = {
  'kad-dht': { medianMs: 6000, recall: 0.61 },
  'kad-dht-tuned': { medianMs: 1500, recall: 0.62 },
  'go-kad-dht': { medianMs: 1200, recall: 0.97 },
  'go-optimistic': { medianMs: 1200, recall: 0.97 },
  kadabra: { medianMs: 1100, recall: 0.9 },
  'full-table': { medianMs: 9000, recall: 0.9 },
  scored: { medianMs: 900, recall: 0.99 },
  'scored-warm': { medianMs: 600, recall: 0.99 },
  oracle: { medianMs: 400, recall: 1 },
  'oracle-tcp': { medianMs: 400, recall: 1 }
}

export interface SyntheticRun {
  arms: Arm[]
  operations?: Operation[]
  count: number
  seed?: number
  timeoutMs?: number
}

/**
 * Log-normal times with a known true median per arm; a time above the limit is a failure
 */
export function syntheticSamples ({ arms, operations = ['closest-peers'], count, seed = 1, timeoutMs = 20_000 }: SyntheticRun): Sample[] {
  const random = xoroshiro128plus(seed)

  return operations.flatMap(operation => Array.from({ length: count }, (_, index) => index).flatMap(index => {
    const hardness = Math.exp(0.3 * normal())

    return arms.map((arm): Sample => {
      const drawnMs = TYPICAL[arm].medianMs * hardness * Math.exp(0.2 * normal())
      const failed = drawnMs >= timeoutMs

      return {
        arm,
        scenario: 'storm',
        operation,
        index,
        timeMs: Math.min(drawnMs, timeoutMs),
        failed,
        recall: failed ? 0 : Math.min(1, TYPICAL[arm].recall + 0.02 * normal()),
        queries: 40,
        dials: 30,
        unresponsive: 12,
        spentMs: { dialling: drawnMs, waiting: 2 * drawnMs, wasted: arm === 'kad-dht' ? 5 * drawnMs : drawnMs / 2 }
      }
    })
  }))

  function normal (): number {
    return Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random))
  }
}

/**
 * An arm's scores drifting apart: the living up, the dead down
 */
export function syntheticSnapshots (arm: Arm, count: number): ScoreSnapshot[] {
  return Array.from({ length: count }, (_, i) => {
    const learned = 0.45 * (1 - Math.exp(-i / 5))

    return {
      arm,
      scenario: 'storm',
      index: i * 4,
      alive: { p25: 0.5 + learned * 0.8, p50: 0.5 + learned, p75: 0.5 + learned * 1.1, count: 20 + 10 * i },
      dead: { p25: 0.5 - learned * 1.1, p50: 0.5 - learned, p75: 0.5 - learned * 0.6, count: 15 + 8 * i }
    }
  })
}
