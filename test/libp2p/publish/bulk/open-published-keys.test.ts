import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { LevelDatastore } from 'datastore-level'
import { MemoryLevel } from 'memory-level'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { publishedKeys } from '../../../../src/libp2p/publish/bulk/open-published-keys.ts'
import { errorsTo } from '../../errors-to.ts'
import type { PublishedKeysSettings } from '../../../../src/libp2p/publish/bulk/open-published-keys.ts'
import type { NewKey } from '../../../../src/persistence/published/published-key.ts'

const KEY: NewKey = { kind: 'provider', key: Uint8Array.of(1), kadId: new Uint8Array(32) }

let directory: string
let logged: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'published-'))
  onTestFinished(async () => { await rm(directory, { recursive: true }) })
  logged = []
})

/** How many keys a second one sees after the first has added one and was closed */
async function keptBy (settings: Partial<PublishedKeysSettings>): Promise<number> {
  const all: PublishedKeysSettings = { options: { location: undefined, level: undefined }, datastore: new MemoryDatastore(), protocol: '/a', timeOfDay: () => 1, log: errorsTo([], logged).forComponent(''), ...settings }
  const first = publishedKeys(all)
  await first.open()
  await first.add([KEY])
  await first.close()

  const second = publishedKeys(all)
  await second.open()
  onTestFinished(async () => { await second.close() })

  return second.size
}

test('keys are kept at a location, in a level that was given, or in a datastore that is a LevelDB', async () => {
  const datastore = new LevelDatastore(join(directory, 'datastore'))
  await datastore.open()
  onTestFinished(async () => { await datastore.close() })

  expect(await keptBy({ options: { location: join(directory, 'keys'), level: undefined } })).toBe(1)
  expect(await keptBy({ options: { location: undefined, level: new MemoryLevel() } })).toBe(1)
  expect(await keptBy({ datastore })).toBe(1)
  expect(logged).toEqual([])
})

test('with another datastore they are in memory, and the log says so', async () => {
  expect(await keptBy({})).toBe(0)
  expect(logged[0]).toContain('set publishing.location')
})

test('two DHTs of one node have keys of their own', async () => {
  const level = new MemoryLevel()
  await keptBy({ options: { location: undefined, level } })
  const other = publishedKeys({ options: { location: undefined, level }, datastore: new MemoryDatastore(), protocol: '/b', timeOfDay: () => 1, log: errorsTo([]).forComponent('') })
  await other.open()

  expect(other.size).toBe(0)
})
