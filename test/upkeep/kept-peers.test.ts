import { expect, test } from 'vitest'
import { KeptPeers } from '../../src/upkeep/kept-peers.ts'

const TAG_MS = 1000

function keptPeers (): KeptPeers<string> {
  return new KeptPeers({ keepAlivePeers: 3, maxKeptShare: 0.1, keepAliveTagMs: TAG_MS })
}

test('keeps the first, up to their number', () => {
  expect(keptPeers().choose(['a', 'b', 'c', 'd'], 1000, 0)).toEqual({ tag: ['a', 'b', 'c'], untag: [] })
})

test('keeps no more than a share of the connection limit', () => {
  expect(keptPeers().choose(['a', 'b', 'c', 'd'], 29, 0).tag).toEqual(['a', 'b'])
})

test('lets go whom others displaced, and tags only these', () => {
  const kept = keptPeers()
  kept.choose(['a', 'b', 'c'], 1000, 0)

  expect(kept.choose(['d', 'a', 'b', 'c'], 1000, 1)).toEqual({ tag: ['d'], untag: ['c'] })
})

test('renews a tag after half of its time', () => {
  const kept = keptPeers()
  kept.choose(['a'], 1000, 0)

  expect(kept.choose(['a'], 1000, TAG_MS / 2).tag).toEqual([])
  expect(kept.choose(['a'], 1000, TAG_MS / 2 + 1).tag).toEqual(['a'])
  expect(kept.choose(['a'], 1000, TAG_MS).tag).toEqual([])
})

test('lets go all when it stops', () => {
  const kept = keptPeers()
  kept.choose(['a', 'b'], 1000, 0)

  expect(kept.stop()).toEqual(['a', 'b'])
  expect(kept.stop()).toEqual([])
})
