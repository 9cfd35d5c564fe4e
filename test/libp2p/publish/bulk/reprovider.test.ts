import { MemoryLevel } from 'memory-level'
import { expect, test, vi } from 'vitest'
import { BulkRunner } from '../../../../src/libp2p/publish/bulk/bulk-runner.ts'
import { Reprovider } from '../../../../src/libp2p/publish/bulk/reprovider.ts'
import { validateBulkParameters } from '../../../../src/parameters/bulk-parameters.ts'
import { PublishedKeys } from '../../../../src/persistence/published-keys.ts'
import { seededRandom } from '../../../../src/testing/seeded-random.ts'
import { errorsTo } from '../../errors-to.ts'
import type { NewKey, PublishedKey } from '../../../../src/persistence/published/published-key.ts'

const HOUR = 3_600_000
const K = 3

const random = seededRandom(9)
const kadId = (): Uint8Array => Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))

interface Node {
  reprovider: Reprovider
  keys: PublishedKeys
  /** Keys that were sent, by peer and key */
  sent: string[]
  setTime: (ms: number) => void
  fail: (fails: boolean) => void
  /** How many lookups there were */
  lookups: () => number
}

/** A node in a network of three peers, on a clock of the test's */
async function node (keys: NewKey[], level = new MemoryLevel(), servers?: number): Promise<Node> {
  let time = 1_000 * HOUR
  let fails = false
  let lookups = 0
  const sent: string[] = []
  const timeOfDay = (): number => time
  const published = new PublishedKeys({ db: level, timeOfDay })
  await published.open()
  await published.add(keys)
  const peers = ['a', 'b', 'c'].map(peer => ({ peer, kadId: kadId() }))
  const runner = new BulkRunner({
    keys: published,
    lookups: { networkSize: () => servers === undefined ? undefined : { servers, standardError: 1, measurements: 9 } },
    regionLookups: {
      find: async region => {
        lookups++
        return { at: region.bits, closest: peers.slice(0, K - 1) }
      }
    },
    sender: {
      send: async (peer, batch) => {
        if (fails) {
          throw new Error('away')
        }

        sent.push(...(batch as unknown as PublishedKey[]).map(({ key }) => `${peer} ${key}`))

        return { stored: batch, refused: [] }
      }
    },
    book: { idOf: peer => peer as never },
    parameters: validateBulkParameters({}, K),
    k: K,
    random,
    now: timeOfDay,
    timeOfDay
  })
  const reprovider = new Reprovider({ keys: published, runner, parameters: { cycleMs: 22 * HOUR }, self: async () => new Uint8Array(32), onPace: () => {}, now: timeOfDay, timeOfDay, log: errorsTo([]).forComponent('') })

  return { reprovider, keys: published, sent, setTime: ms => { time = ms }, fail: value => { fails = value }, lookups: () => lookups }
}

function newKeys (count: number): NewKey[] {
  return Array.from({ length: count }, (_, i) => ({ kind: 'provider', key: Uint8Array.of(i), kadId: kadId() }))
}

const { signal } = new AbortController()

test('what waits is sent in the next round, and everything again once in a cycle', async () => {
  const { reprovider, sent, setTime } = await node(newKeys(4))

  await reprovider.round(signal)
  expect(sent).toHaveLength(4 * (K - 1))
  await reprovider.round(signal)
  expect(sent).toHaveLength(4 * (K - 1))

  setTime(1_000 * HOUR + 23 * HOUR)
  await reprovider.round(signal)
  expect(sent).toHaveLength(2 * 4 * (K - 1))
  await reprovider.round(signal)
  expect(sent).toHaveLength(2 * 4 * (K - 1))
})

test('after a restart only what is due is sent', async () => {
  const level = new MemoryLevel()
  const before = await node(newKeys(4), level)
  await before.reprovider.round(signal)
  await before.keys.close()

  const after = await node([], level)
  await after.reprovider.round(signal)

  expect(after.sent).toEqual([])
  expect(after.keys.size).toBe(4)
})

test('keys that could not be stored wait, and are sent when their peers are back', async () => {
  const { reprovider, keys, sent, fail } = await node(newKeys(4))
  fail(true)
  await reprovider.round(signal)

  expect(sent).toEqual([])
  expect(keys.queued).toBe(4)

  fail(false)
  await reprovider.round(signal)

  expect(sent).toHaveLength(4 * (K - 1))
  expect(keys.queued).toBe(0)
})

test('it works by itself from its start to its stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

  try {
    const { reprovider, sent } = await node(newKeys(2))
    reprovider.start()
    await vi.advanceTimersByTimeAsync(5 * 60_000)
    await vi.waitFor(() => { expect(sent).toHaveLength(2 * (K - 1)) })
    reprovider.stop()

    expect(vi.getTimerCount()).toBe(0)
    expect(reprovider.due).toBe(0)
    expect(reprovider.keepsUp).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('a region without a key is not explored', async () => {
  const { reprovider, sent, lookups } = await node(newKeys(1), new MemoryLevel(), 1_000)
  await reprovider.round(signal)

  expect(sent).toHaveLength(K - 1)
  // two for the one region with a key
  expect(lookups()).toBe(2)
  expect(reprovider.due).toBe(0)
})

test('a time that lies ahead, as the clock was, holds nothing back for longer than a cycle', async () => {
  const { reprovider, sent, setTime } = await node(newKeys(2))
  setTime(10_000 * HOUR)
  await reprovider.round(signal)
  setTime(1_000 * HOUR)
  await reprovider.round(signal)
  expect(sent).toHaveLength(2 * (K - 1))

  setTime(1_000 * HOUR + 40 * HOUR)
  await reprovider.round(signal)
  expect(sent).toHaveLength(4 * (K - 1))
})

test('rounds of no use come less and less often', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

  try {
    const { reprovider, fail, lookups } = await node(newKeys(2))
    fail(true)
    reprovider.start()
    const rounds: number[] = []

    for (let minutes = 0; minutes < 60; minutes += 5) {
      const before = lookups()
      await vi.advanceTimersByTimeAsync(5 * 60_000)
      // a round works with promises alone, and reads a database
      await new Promise(resolve => setImmediate(resolve))
      await vi.waitFor(() => {}, { timeout: 20 }).catch(() => {})

      for (let turn = 0; turn < 200; turn++) {
        await new Promise(resolve => setImmediate(resolve))
      }

      if (lookups() > before) {
        rounds.push(minutes + 5)
      }
    }

    reprovider.stop()
    expect(rounds).toEqual([5, 15, 35])
  } finally {
    vi.useRealTimers()
  }
})
