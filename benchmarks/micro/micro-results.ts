import { mean, quantile } from 'simple-statistics'
import { describeEnvironment } from '../report/describe-environment.ts'
import { ratioOfMedians } from '../report/ratio-of-medians.ts'
import { closestPeersOperation } from './closest-peers-operations.ts'
import type { MicroOperation } from './micro-operation.ts'
import type { MicroOptions } from './micro-options.ts'
import type { ArmResult, Results, Versus } from '../report/results.ts'

const MS_PER_SECOND = 1000
const BYTES_PER_MB = 1e6

/**
 * An operation and its times
 */
export interface Measurement extends Omit<MicroOperation, 'run'> {
  /** Mean time of one repetition in each sample, ms */
  samplesMs: number[]
}

/**
 * Times of one repetition, ms. A percentile is one over samples, and each sample is a
 * mean over many repetitions.
 */
export interface MicroResult extends Pick<ArmResult, 'samples' | 'timeMs'>, Omit<MicroOperation, 'run'> {
  operationsPerSecond: number
}

/**
 * How much memory something takes
 */
export interface MicroMemory {
  what: string
  /** Among so many */
  peers: number
  /** Heap after a collection, with what the engine keeps outside of it */
  bytesPerPeer: number
}

/**
 * Our time for an operation compared with kad-dht's. When `ratioP50` is above 1, ours is
 * faster.
 */
export interface MicroVersus extends Pick<Versus, 'arm' | 'baseline' | 'ratioP50' | 'ci95'> {
  operation: string
  by: string
}

/**
 * What `micro` prints with `--json`
 */
export type MicroResults = Omit<Results, 'results' | 'versus'> & { results: MicroResult[], versus: MicroVersus[], memory: readonly MicroMemory[] }

/**
 * Sum up the measurements, together with their conditions
 */
export async function microResults ({ seed, timeMs }: MicroOptions, { measurements, memory }: { measurements: readonly Measurement[], memory: readonly MicroMemory[] }, complete: boolean): Promise<MicroResults> {
  return {
    benchmark: 'micro',
    seed,
    parameters: { timeMs },
    ...await describeEnvironment(),
    notes: [
      'Times are of one repetition on one core; a sample is the mean of as many as take about 1 ms.',
      'Nothing but KBucket.closest has a counterpart in kad-dht that can be had by itself: it keeps no scores, and its lookup is one with its queues and events.',
      ...growth(measurements),
      ...memory.map(({ what, peers, bytesPerPeer }) => `In memory ${what} takes ${Math.round(bytesPerPeer)} bytes, and ${peers.toLocaleString('en')} of them ${(peers * bytesPerPeer / BYTES_PER_MB).toFixed(1)} MB.`),
      ...(complete ? [] : ['The run did not reach its end: these are the operations measured until then.'])
    ],
    memory,
    results: measurements.map(({ samplesMs, ...operation }) => ({
      ...operation,
      samples: samplesMs.length,
      operationsPerSecond: MS_PER_SECOND / mean(samplesMs),
      timeMs: { p50: quantile(samplesMs, 0.5), p90: quantile(samplesMs, 0.9), p99: quantile(samplesMs, 0.99), mean: mean(samplesMs) }
    })),
    versus: measurements.flatMap(({ arm, operation, by, samplesMs }) => {
      const baseline = measurements.find(other => other.arm === 'kad-dht' && other.operation === operation)

      if (baseline === undefined || arm === baseline.arm) {
        return []
      }

      const { ratio, ci95 } = ratioOfMedians(baseline.samplesMs, samplesMs, { paired: false, seed })

      return [{ arm, baseline: baseline.arm, operation, by, ratioP50: ratio, ci95 }]
    })
  }
}

/** How the time grows with the number of peers, in sentences */
function growth (measurements: readonly Measurement[]): string[] {
  const [few, many] = [1_000, 100_000].map(peers => measurements.find(({ operation }) => operation === closestPeersOperation(peers)))

  return few === undefined || many === undefined
    ? []
    : [`Closest 20 of 100,000 peers take ${(quantile(many.samplesMs, 0.5) / quantile(few.samplesMs, 0.5)).toFixed(2)} times as long as of 1,000.`]
}
