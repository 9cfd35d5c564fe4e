import { MemoryLevel } from 'memory-level'
import { beforeEach, expect, test } from 'vitest'
import { BulkRun } from '../../../../src/libp2p/publish/bulk/bulk-run.ts'
import { validateBulkParameters } from '../../../../src/parameters/bulk-parameters.ts'
import { PublishedKeys } from '../../../../src/persistence/published-keys.ts'
import { Region } from '../../../../src/publish/region.ts'
import { seededRandom } from '../../../../src/testing/seeded-random.ts'
import type { BulkRunEvent, BulkRunInit } from '../../../../src/libp2p/publish/bulk/bulk-run.ts'
import type { NewKey } from '../../../../src/persistence/published/published-key.ts'

const K = 3
const EVERYWHERE = new Region(new Uint8Array(32), 0)

const random = seededRandom(3)
const kadId = (): Uint8Array => Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
// fewer than k, so that two lookups find the whole network
const peers = ['a', 'b'].map(peer => ({ peer, kadId: kadId() }))

let keys: PublishedKeys
let events: BulkRunEvent[]

beforeEach(async () => {
  keys = new PublishedKeys({ db: new MemoryLevel(), timeOfDay: () => 7 })
  await keys.open()
  await keys.add(Array.from({ length: 2_500 }, (_, i): NewKey => ({ kind: 'provider', key: Uint8Array.of(i >> 8, i), kadId: kadId() })))
  events = []
})

function run (init: Partial<BulkRunInit> = {}, isWhole = true): BulkRun {
  return new BulkRun({
    keys,
    put: { ...validateBulkParameters({}, K), k: K, random },
    regions: (async function * () { yield { region: EVERYWHERE, isWhole } })(),
    lookup: async within => ({ at: within.bits, closest: peers }),
    send: async (_, batch) => ({ stored: batch, refused: [] }),
    onEvent: event => { events.push(event) },
    ready: async () => {},
    timeOfDay: () => 7,
    signal: new AbortController().signal,
    ...init
  })
}

test('all keys of a region are stored, wait no longer, and the region has its time', async () => {
  const sums = await run().run()

  expect(sums).toMatchObject({ stored: 2_500, failed: 0, regionsDone: 1, regionsFailed: 0 })
  expect(events.filter(({ type }) => type === 'key')).toHaveLength(2_500)
  expect(keys.queued).toBe(0)
  expect(await keys.sentAt(EVERYWHERE.bits)).toBe(7)
})

test('a region of which only the waiting keys are sent gets no time', async () => {
  await run({}, false).run()

  expect(keys.queued).toBe(0)
  expect(await keys.sentAt(EVERYWHERE.bits)).toBeUndefined()
})

test('keys that nobody stores wait still', async () => {
  const sums = await run({ send: async () => { throw new Error('away') } }).run()

  expect(sums).toMatchObject({ stored: 0, failed: 2_500 })
  expect(keys.queued).toBe(2_500)
})

test('where lookups fail no key is sent, and the region is told to have failed', async () => {
  const sums = await run({ lookup: async () => { throw new Error('no') }, send: async () => { throw new Error('not to be called') } }).run()

  expect(sums).toMatchObject({ stored: 0, failed: 0, regionsFailed: 1 })
  expect(events).toEqual([{ type: 'regionFailed', region: EVERYWHERE, reason: 'lookupsFailed' }])
  expect(keys.queued).toBe(2_500)
})

test('what was stored is remembered when the run is given up', async () => {
  const controller = new AbortController()
  let sends = 0
  const sums = await run({
    signal: controller.signal,
    send: async (_, batch) => {
      if (++sends === 5) {
        controller.abort()
      }

      return { stored: batch, refused: [] }
    }
  }).run()

  expect(sums.regionsFailed).toBe(1)
  expect(sums.stored).toBeGreaterThan(0)
  expect(sums.stored).toBeLessThan(2_500)
  expect(keys.queued).toBe(2_500 - sums.stored)
})

test('no more is read while whoever is told is behind', async () => {
  const caughtUp = Promise.withResolvers<void>()
  const running = run({ ready: async () => caughtUp.promise }).run()
  await new Promise(resolve => setTimeout(resolve, 50))

  expect(events).toEqual([])
  caughtUp.resolve()
  expect((await running).stored).toBe(2_500)
})

test('a database that fails ends the run with its error', async () => {
  await keys.close()

  await expect(run().run()).rejects.toMatchObject({ name: 'PublishStoreError' })
})
