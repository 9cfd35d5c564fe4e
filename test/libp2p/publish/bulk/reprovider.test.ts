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
}

/** A node in a network of three peers, on a clock of the test's */
async function node (keys: NewKey[], level = new MemoryLevel()): Promise<Node> {
  let time = 1_000 * HOUR
  let fails = false
  const sent: string[] = []
  const timeOfDay = (): number => time
  const published = new PublishedKeys({ db: level, timeOfDay })
  await published.open()
  await published.add(keys)
  const peers = ['a', 'b', 'c'].map(peer => ({ peer, kadId: kadId() }))
  const runner = new BulkRunner({
    keys: published,
    lookups: { networkSize: () => undefined },
    regionLookups: { find: async region => ({ at: region.bits, closest: peers }) },
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

  return { reprovider, keys: published, sent, setTime: ms => { time = ms }, fail: value => { fails = value } }
}

function newKeys (count: number): NewKey[] {
  return Array.from({ length: count }, (_, i) => ({ kind: 'provider', key: Uint8Array.of(i), kadId: kadId() }))
}

const { signal } = new AbortController()

test('what waits is sent in the next round, and everything again once in a cycle', async () => {
  const { reprovider, sent, setTime } = await node(newKeys(4))

  await reprovider.round(signal)
  expect(sent).toHaveLength(4 * K)
  await reprovider.round(signal)
  expect(sent).toHaveLength(4 * K)

  setTime(1_000 * HOUR + 23 * HOUR)
  await reprovider.round(signal)
  expect(sent).toHaveLength(2 * 4 * K)
  await reprovider.round(signal)
  expect(sent).toHaveLength(2 * 4 * K)
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

  expect(sent).toHaveLength(4 * K)
  expect(keys.queued).toBe(0)
})

test('it works by itself from its start to its stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

  try {
    const { reprovider, sent } = await node(newKeys(2))
    reprovider.start()
    await vi.advanceTimersByTimeAsync(5 * 60_000)
    await vi.waitFor(() => { expect(sent).toHaveLength(2 * K) })
    reprovider.stop()

    expect(vi.getTimerCount()).toBe(0)
    expect(reprovider.due).toBe(0)
    expect(reprovider.keepsUp).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
