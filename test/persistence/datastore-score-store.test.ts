import { MemoryDatastore } from 'datastore-core'
import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'
import { MemoryLevel } from 'memory-level'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { describe, expect, test } from 'vitest'
import { DatastoreScoreStore } from '../../src/persistence/datastore-score-store.ts'
import { storeContents } from '../../src/testing/store-contents.ts'
import { storedPeer } from '../../src/testing/stored-peers.ts'
import { testRecordStore } from './record-format.conformance.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import type { RecordGround } from './record-format.conformance.ts'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/peer-scores/ipfs/kad/1.0.0'

testRecordStore('DatastoreScoreStore on a MemoryDatastore', async () => groundOn(new MemoryDatastore()))

testRecordStore('DatastoreScoreStore on a LevelDatastore', async () => {
  const datastore = new LevelDatastore(await temporaryDirectory())
  await datastore.open()

  return { ...groundOn(datastore), end: async () => { await datastore.close() } }
})

describe('DatastoreScoreStore', () => {
  test.each(['MemoryDatastore', 'LevelDatastore'])('sees and clears its own entries only, on a %s', async kind => {
    const datastore = kind === 'MemoryDatastore' ? new MemoryDatastore() : new LevelDatastore(new MemoryLevel<string, Uint8Array>({ valueEncoding: 'view' }) as never)
    const outer = new DatastoreScoreStore({ datastore, prefix: '/peer-scores/ipfs/kad' })
    const inner = new DatastoreScoreStore({ datastore, prefix: PREFIX })
    await datastore.put(new Key('/peers/someone'), Uint8Array.of(1))
    await outer.write({ put: [storedPeer(1)], delete: [] })
    await inner.write({ put: [storedPeer(2)], delete: [] })

    expect(await storeContents(outer)).toEqual({ peers: [storedPeer(1)], unreadable: [] })
    expect(await storeContents(inner)).toEqual({ peers: [storedPeer(2)], unreadable: [] })

    await outer.clear()

    expect((await storeContents(outer)).peers).toEqual([])
    expect((await storeContents(inner)).peers).toEqual([storedPeer(2)])
    expect(await datastore.has(new Key('/peers/someone'))).toBe(true)
  })

  test('skips an entry whose key is no peer', async () => {
    const datastore = new MemoryDatastore()
    const store = new DatastoreScoreStore({ datastore, prefix: PREFIX })
    await datastore.put(new Key(`${PREFIX}/!`), Uint8Array.of(1))
    await store.write({ put: [storedPeer(1)], delete: [] })

    expect(await storeContents(store)).toEqual({
      peers: [storedPeer(1)],
      unreadable: [{ key: `${PREFIX}/!`, peer: undefined, reason: 'damaged' }]
    })
  })
})

function groundOn (datastore: Datastore): RecordGround {
  return {
    store: () => new DatastoreScoreStore({ datastore, prefix: PREFIX }),
    writeRaw: async entries => {
      for (const { key, value } of entries) {
        await datastore.put(new Key(`${PREFIX}/${uint8ArrayToString(key, 'base32')}`), value)
      }
    },
    end: async () => {}
  }
}
