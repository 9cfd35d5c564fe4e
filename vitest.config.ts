import { defineConfig } from 'vitest/config'

const REAL_NODES = ['test/cli/provide/provide.test.ts', 'test/libp2p/**/*.test.ts', 'test/kad-dht/**/*.test.ts', 'test/conformance/**/*.test.ts', 'test/benchmarks/**/*.test.ts']
// peers of other implementations. A test whose peer is not built is skipped, with the reason.
const INTEROP = ['test/interop/**/*.test.ts']
// they install what npm pack makes
const PACKED = ['test/package.test.ts', 'test/bundles/**/*.test.ts', 'test/interop/runtimes.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/**/*.test.ts'],
          exclude: [...REAL_NODES, ...INTEROP, ...PACKED],
          testTimeout: 20_000
        }
      },
      {
        test: {
          name: 'nodes',
          include: REAL_NODES,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // they go by real time: on a busy machine one may fail by chance, but not twice
          retry: 1,
          // they measure and wait in real time, so they don't share the cores with the rest
          sequence: { groupOrder: 1 }
        }
      },
      {
        test: {
          name: 'interop',
          include: INTEROP,
          exclude: [...PACKED, '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: 1,
          sequence: { groupOrder: 2 }
        }
      },
      {
        test: {
          name: 'package',
          include: PACKED,
          globalSetup: ['test/bundles/pack.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 }
        }
      }
    ]
  }
})
