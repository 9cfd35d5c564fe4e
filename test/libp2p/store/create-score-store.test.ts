import { MemoryDatastore } from 'datastore-core'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { createScoreStore } from '../../../src/libp2p/store/create-score-store.ts'
import { DatastoreScoreStore } from '../../../src/persistence/datastore-score-store.ts'
import { LevelScoreStore } from '../../../src/persistence/level-score-store.ts'
import { storeContents } from '../../../src/testing/store-contents.ts'
import { storedPeer } from '../../../src/testing/stored-peers.ts'
import { MapScoreStore } from '../../persistence/map-score-store.ts'
import { temporaryDirectory } from '../../persistence/temporary-directory.ts'
import { strangerId } from '../test-node.ts'
import type { ScoringOptions } from '../../../src/libp2p/scoring-options.ts'
import type { ScoreStore } from '../../../src/persistence/score-store.ts'

const NONE: Pick<ScoringOptions, 'location' | 'level' | 'store'> = { location: undefined, level: undefined, store: undefined }

describe('the store of the options', () => {
  test('is the one given', async () => {
    const store = new MapScoreStore(new Map())

    expect(createScoreStore(await node(), { ...NONE, store }, '/a')).toBe(store)
  })

  test('is LevelDB at a location', async () => {
    const location = await temporaryDirectory()
    const store = createScoreStore(await node(), { ...NONE, location }, '/a')

    expect(store).toBeInstanceOf(LevelScoreStore)
    expect(store.name).toBe(`score store at ${location}`)
  })

  test('is in the database given, for each protocol and each node its own', async () => {
    const level = new MemoryLevel()
    const [one, other] = [await node(), await node()]
    const stores = [[one, '/a'], [one, '/b'], [other, '/a']] as const

    expect(await sizesAfterWriting(stores.map(([components, protocol]) => createScoreStore(components, { ...NONE, level }, protocol)))).toEqual([1, 1, 1])
  })

  test('is in the node\'s datastore without any, for each protocol and prefix its own', async () => {
    const components = await node()
    const stores = [['/a'], ['/b'], ['/a', '/other']] as const
    const created = stores.map(([protocol, prefix]) => createScoreStore(components, NONE, protocol, prefix))

    expect(created[0]).toBeInstanceOf(DatastoreScoreStore)
    expect(await sizesAfterWriting(created)).toEqual([1, 1, 1])
    const keys = []

    for await (const key of components.datastore.queryKeys({})) {
      keys.push(key.toString())
    }

    expect(keys.map(key => key.slice(0, key.lastIndexOf('/'))).sort()).toEqual(['/dht/peer-scores/a', '/dht/peer-scores/b', '/other/peer-scores/a'])
  })
})

async function node (): Promise<Parameters<typeof createScoreStore>[0] & { datastore: MemoryDatastore }> {
  return { datastore: new MemoryDatastore(), peerId: await strangerId() }
}

/** How much each of these holds after each has written one peer, another one each */
async function sizesAfterWriting (stores: ScoreStore[]): Promise<number[]> {
  for (const [n, store] of stores.entries()) {
    await store.open()
    await store.write({ put: [storedPeer(n)], delete: [] })
  }

  return Promise.all(stores.map(async store => (await storeContents(store)).peers.length))
}
