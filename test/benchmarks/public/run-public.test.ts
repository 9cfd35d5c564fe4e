import { afterAll, beforeAll, expect, test } from 'vitest'
import { runPublic } from '../../../benchmarks/public/run-public.ts'
import { isBulk } from '../../../benchmarks/report/is-put.ts'
import { OPERATIONS } from '../../../benchmarks/report/results.ts'
import { localNetwork } from './local-network.ts'
import type { PublicOptions } from '../../../benchmarks/public/public-options.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'

const PROTOCOL = '/benchmark-test/kad/1.0.0'
const SERVERS = 6

let network: Awaited<ReturnType<typeof localNetwork>>

beforeAll(async () => {
  network = await localNetwork(SERVERS, PROTOCOL)
})

afterAll(async () => {
  await network.stop()
})

const SINGLE = OPERATIONS.filter(operation => !isBulk(operation))

test('carries every operation out in every arm, on a network given by its bootstrap peers', async () => {
  const samples: Sample[] = []
  const progress: Array<[number, number]> = []

  await runPublic(options({ operations: SINGLE, arms: ['kad-dht', 'scored', 'scored-warm'], lookups: 2 }), {
    onSample: sample => { samples.push(sample) },
    onScores: () => {},
    onTrace: () => {},
    onMeasure: () => {},
    onNote: () => {},
    onProgress: (done, total) => { progress.push([done, total]) },
    signal: new AbortController().signal
  })

  expect(samples.map(({ operation, arm, index }) => `${operation} ${arm} ${index}`).sort()).toEqual(
    SINGLE.flatMap(operation => ['kad-dht 0', 'kad-dht 1', 'scored 0', 'scored 1', 'scored-warm 0', 'scored-warm 1'].map(rest => `${operation} ${rest}`)).sort()
  )
  expect(samples.filter(({ failed }) => failed)).toEqual([])
  expect(samples.every(({ timeMs }) => timeMs > 0 && timeMs < 10_000)).toBe(true)
  // a client of a tiny network knows everybody, and asks them
  expect(samples.filter(({ operation }) => operation === 'closest-peers').every(({ recall, queries }) => recall === 1 && queries >= SERVERS - 1)).toBe(true)
  expect(samples.filter(({ operation }) => operation !== 'closest-peers').every(({ recall }) => recall === undefined)).toBe(true)
  expect(progress.at(-1)).toEqual([36, 37])
})

test('ends at once, and leaves no process behind, when it is interrupted', async () => {
  const controller = new AbortController()
  const samples: Sample[] = []
  let running = 0

  await expect(runPublic(options({ lookups: 1000 }), {
    onSample: sample => {
      samples.push(sample)
      running = childProcesses()
      controller.abort(new Error('enough'))
    },
    onScores: () => {},
    onTrace: () => {},
    onMeasure: () => {},
    onNote: () => {},
    onProgress: () => {},
    signal: controller.signal
  })).rejects.toThrow('enough')

  expect(samples).toHaveLength(1)
  expect(running).toBe(2)
  expect(childProcesses()).toBe(0)
})

test('names the bootstrap peers that it tried when none answers', async () => {
  const nobody = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

  await expect(runPublic(options({ bootstrap: [nobody] }), {
    onSample: () => {},
    onScores: () => {},
    onTrace: () => {},
    onMeasure: () => {},
    onNote: () => {},
    onProgress: () => {},
    signal: new AbortController().signal
  })).rejects.toThrow(`no bootstrap peer answered within 5000 ms: tried ${nobody}`)
})

function childProcesses (): number {
  return process.getActiveResourcesInfo().filter(type => type === 'ProcessWrap').length
}

function options (overrides: Partial<PublicOptions>): PublicOptions {
  return {
    bootstrap: network.addresses.slice(0, 2),
    protocol: PROTOCOL,
    arms: ['kad-dht'],
    operations: ['closest-peers'],
    lookups: 1,
    seed: 5,
    timeoutMs: 10_000,
    connectTimeoutMs: 5000,
    trainLookups: 1,
    k: 20,
    ...overrides
  }
}
