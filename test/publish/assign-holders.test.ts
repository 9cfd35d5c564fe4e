import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { assignHolders } from '../../src/publish/assign-holders.ts'
import { closest, peersAt, randomPeers } from './explored-network.ts'
import { regionOf } from './region-of.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { Peers } from './explored-network.ts'

interface Key { kadId: KadId }

function keysAt (...bytes: number[]): Key[] {
  return bytes.map(byte => ({ kadId: Uint8Array.of(byte) }))
}

function peersAtBytes (...bytes: number[]): Peers {
  return peersAt(bytes.map(byte => Uint8Array.of(byte)))
}

function bytesOf ({ keys, holders }: { keys: Key[], holders: number[] }, peers: Peers): [number[], number[]] {
  return [keys.map(({ kadId }) => kadId[0]), holders.map(peer => peers[peer].kadId[0])]
}

/** Each key's holders, ascending */
function holdersByKey (keys: Key[], peers: Peers, k: number): Map<Key, number[]> {
  const byKey = new Map<Key, number[]>()

  for (const { keys: grouped, holders } of assignHolders(keys, peers, k)) {
    for (const key of grouped) {
      expect(byKey.has(key), 'a key is in one group').toBe(false)
      byKey.set(key, holders.toSorted((a, b) => a - b))
    }
  }

  return byKey
}

function sortedHolders (keys: Key[], peers: Peers, k: number): Map<Key, number[]> {
  return new Map(keys.map(key => [key, closest(peers, key.kadId, k).map(({ peer }) => peer).sort((a, b) => a - b)]))
}

describe('the holders of keys', () => {
  test('are the k closest peers, and keys that have the same ones are together', () => {
    const peers = peersAtBytes(0b00000000, 0b00010000, 0b01000000, 0b10000000, 0b11000000)
    const groups = assignHolders(keysAt(0b00000001, 0b10000001, 0b00011111, 0b11111111), peers, 2)

    expect(groups.map(group => bytesOf(group, peers))).toEqual([
      [[0b00000001, 0b00011111], [0b00000000, 0b00010000]],
      [[0b10000001, 0b11111111], [0b10000000, 0b11000000]]
    ])
  })

  test('come from the other half where the own one has too few', () => {
    const peers = peersAtBytes(0b00000000, 0b00010000, 0b01000000, 0b10000000)

    expect(assignHolders(keysAt(0b10000001), peers, 2).map(group => bytesOf(group, peers))).toEqual([[[0b10000001], [0b00000000, 0b10000000]]])
    expect(assignHolders(keysAt(0b11010001), peers, 2).map(group => bytesOf(group, peers))).toEqual([[[0b11010001], [0b01000000, 0b10000000]]])
  })

  test('are all peers where there are no more than k', () => {
    const peers = peersAtBytes(1, 2, 3)

    expect(assignHolders(keysAt(7, 200), peers, 3).map(group => bytesOf(group, peers))).toEqual([[[7, 200], [1, 2, 3]]])
    expect(assignHolders(keysAt(7, 200), peers, 20).map(group => bytesOf(group, peers))).toEqual([[[7, 200], [1, 2, 3]]])
  })

  test('are none where there is no peer, and no key is left out', () => {
    expect(assignHolders(keysAt(7, 200), [], 20)).toEqual([{ keys: keysAt(7, 200), holders: [] }])
    expect(assignHolders([], peersAtBytes(1, 2), 20)).toEqual([])
  })

  test('are any of the peers with the same kad id', () => {
    const peers = peersAtBytes(9, 5, 5, 5)

    expect(assignHolders(keysAt(4), peers, 2).map(group => bytesOf(group, peers))).toEqual([[[4], [5, 5]]])
  })

  test('agree with sorting, for kad ids of 8 bits', () => {
    const peers = fc.uniqueArray(fc.nat(255), { maxLength: 100 })

    fc.assert(fc.property(fc.array(fc.nat(255)), peers, fc.integer({ min: 1, max: 25 }), (keyBytes, peerBytes, k) => {
      const keys = keysAt(...keyBytes)
      const peers = peersAtBytes(...peerBytes)

      expect(holdersByKey(keys, peers, k)).toEqual(sortedHolders(keys, peers, k))
    }), { numRuns: 300 })
  })

  test('agree with sorting, for kad ids of 256 bits, clusters or none', () => {
    const cluster = fc.record({ prefix: fc.stringMatching(/^[01]{0,40}$/), count: fc.integer({ min: 1, max: 30 }), seed: fc.nat() })
    const place = fc.array(cluster, { minLength: 1, maxLength: 3 })
      .map(clusters => peersAt(clusters.flatMap(({ prefix, count, seed }) => randomPeers(count, seed, regionOf(prefix, 32))).map(({ kadId }) => kadId)))
    const peers = place.filter(peers => new Set(peers.map(({ kadId }) => String(kadId))).size === peers.length)

    fc.assert(fc.property(place, peers, (keys, peers) => {
      expect(holdersByKey(keys, peers, 20)).toEqual(sortedHolders(keys, peers, 20))
    }), { numRuns: 100 })
  })

  test('of 10,000 keys among 200 peers cost far less than sorting for each key', () => {
    const keys = randomPeers(10_000, 1, regionOf('011010', 32))
    const peers = randomPeers(200, 2, regionOf('011010', 32))
    let comparisons = 0
    const read = countedReads(peers, () => { comparisons++ })

    keys.slice(0, 100).forEach(({ kadId }) => read.toSorted((a, b) => compareDistance(kadId, a.kadId, b.kadId)))
    const sorting = 100 * comparisons
    comparisons = 0
    const groups = assignHolders(keys, read, 20)

    expect(groups.reduce((sum, { keys }) => sum + keys.length, 0)).toBe(10_000)
    expect(groups.length).toBeLessThan(400)
    expect(comparisons).toBeLessThan(sorting / 1_000)
  })
})

/** Peers that tell when their kad id is read */
function countedReads (peers: Peers, onRead: () => void): Peers {
  return peers.map(({ peer, kadId }) => ({
    peer,
    get kadId () {
      onRead()

      return kadId
    }
  }))
}
