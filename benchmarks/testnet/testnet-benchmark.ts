import { TESTNET_OPTIONS } from './testnet-options.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { Benchmark } from '../command-line/benchmark.ts'

/**
 * The comparison on a network of real libp2p nodes of our own
 */
export const TESTNET_BENCHMARK: Benchmark<TestnetOptions> = {
  name: 'testnet',
  summary: 'compares clients in a network of real libp2p nodes on this machine, with injected latency and faults (the default)',
  options: TESTNET_OPTIONS,

  notes ({ arms, fullTableEvery }) {
    return arms.includes('full-table') && fullTableEvery > 1
      ? [`full-table asks everybody, so it was given only one key in ${fullTableEvery}; its ratios are over those keys.`]
      : []
  },

  async run (options, hooks) {
    const { runTestnet } = await import(new URL('./run-testnet.ts', import.meta.url).href)

    await runTestnet(options, hooks)
  }
}
