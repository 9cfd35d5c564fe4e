import { comparison } from '../live/comparison.ts'
import { PUBLIC_OPTIONS } from './public-options.ts'
import { runPublic } from './run-public.ts'
import type { PublicOptions } from './public-options.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/**
 * The comparison on the public Amino DHT, or on any other
 */
export const PUBLIC_BENCHMARK: Benchmark<PublicOptions> = comparison({
  name: 'public',
  options: PUBLIC_OPTIONS,

  notes ({ operations, arms }) {
    return [
      ...operations.includes('closest-peers')
        ? ['Nobody knows who is alive in a public network: recall is the share of the closest among all peers that any arm found for the key.']
        : [],
      ...arms.includes('scored-warm')
        ? ['scored-warm was restarted after its training; the network changed only as it did by itself.']
        : []
    ]
  },

  run: runPublic
})
