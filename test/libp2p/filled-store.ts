import all from 'it-all'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { storedPeer } from '../../src/testing/stored-peers.ts'
import type { LevelScoreStoreInit } from '../../src/persistence/level-score-store.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'

/**
 * A peer that a store may hold and nobody can dial
 */
export function knownPeer (n: number): StoredPeer {
  return { ...storedPeer(n, { updatedAt: Date.now() }), addresses: [] }
}

/**
 * Fill a store, past any node
 */
export async function fillStore (init: LevelScoreStoreInit, peers: number): Promise<void> {
  const store = new LevelScoreStore(init)
  await store.open()
  await store.write({ put: Array.from({ length: peers }, (_, n) => knownPeer(n)), delete: [] })
  await store.close()
}

/**
 * How many peers a store holds that nobody else has open
 */
export async function sizeOfStore (init: LevelScoreStoreInit): Promise<number> {
  const store = new LevelScoreStore(init)
  await store.open()

  try {
    return (await all(store.load(() => {}))).length
  } finally {
    await store.close()
  }
}
