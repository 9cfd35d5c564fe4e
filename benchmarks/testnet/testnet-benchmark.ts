import { goVersions } from '../foreign/go-versions.ts'
import { comparison } from '../live/comparison.ts'
import { GO_ARMS, isGoArm } from './arms/testnet-arms.ts'
import { runTestnet } from './run-testnet.ts'
import { TESTNET_OPTIONS } from './testnet-options.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/**
 * The benchmark `testnet`
 */
export const TESTNET_BENCHMARK: Benchmark<TestnetOptions> = comparison({
  name: 'testnet',
  options: TESTNET_OPTIONS,
  notes: options => [
    ...(options.peers === 'go' ? ['The servers were Go nodes.'] : []),
    ...(options.arms.some(isGoArm)
      ? ['The Go arms refreshed their routing tables by themselves, as they do for their users, and had looked up their own ids before their first operation, as kad-dht does. Their links were as long as those of the others.']
      : []),
    ...(options.arms.includes('full-table')
      ? [`full-table worked after the others, which its bursts of requests would have slowed down${options.fullTableEvery > 1 ? `, and took only every ${options.fullTableEvery}th key` : ''}.`]
      : []),
    ...(options.arms.includes('scored-warm')
      ? [`scored-warm had done ${options.trainLookups} lookups of other keys, then ${Math.round(options.redrawShare * 100)}% of the peers' states were drawn anew and it was restarted.`]
      : []),
    ...(options.arms.includes('oracle')
      ? ['oracle knew which live peers are closest, had a connection to each of them, and asked them at once: the limit.']
      : [])
  ],
  settle: (options, given) => options.peers === 'go' && !given.has('arms')
    ? { ...options, arms: [...GO_ARMS, ...options.arms] }
    : options,
  versions: ({ peers, arms }) => peers === 'go' || arms.some(isGoArm) ? goVersions() : {},
  run: runTestnet
})
