import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { CandidateList } from '../../src/lookup/candidate-list.ts'
import { lookupPeer } from './lookup-peer.ts'

const target = Uint8Array.of(0b1010_0000)

describe('CandidateList', () => {
  test('is sorted by distance, whatever the order in which peers come', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 })), kadIds => {
      const list = new CandidateList<number>({ target, path: 0, capacity: 256 })

      kadIds.forEach(kadId => list.add(lookupPeer(kadId), 0))

      const distances = [...list].map(({ distance }) => distance[0])

      expect(distances).toEqual(kadIds.map(kadId => kadId ^ target[0]).sort((a, b) => a - b))
      expect([...list].map(candidate => list.rank(candidate))).toEqual(distances.map((_, index) => index))
    }))
  })

  test('sorts by the bits beyond the first 32 too', () => {
    const kadId = fc.tuple(fc.constantFrom(0, 127, 128, 255), fc.constantFrom(0, 1), fc.integer({ min: 0, max: 255 }))
      .map(([first, fourth, last]) => Uint8Array.of(first, 0, 0, fourth, 0, last))

    fc.assert(fc.property(kadId, fc.array(kadId), (target, kadIds) => {
      const list = new CandidateList<number>({ target, path: 0, capacity: 256 })

      kadIds.forEach((kadId, peer) => list.add(lookupPeer(peer, { kadId }), 0))

      expect([...list].map(({ facts }) => facts.kadId)).toEqual(kadIds.toSorted((a, b) => compareDistance(target, a, b)))
    }))
  })

  test('makes room by dropping the furthest peer that was not asked', () => {
    const list = new CandidateList<number>({ target: Uint8Array.of(0), path: 0, capacity: 2 })

    list.add(lookupPeer(9), 0).added.state = { type: 'asked', sinceMs: 0 }
    list.add(lookupPeer(5), 0)

    expect(list.add(lookupPeer(3), 0).dropped?.facts.peer).toBe(5)
    expect(list.add(lookupPeer(4), 0).dropped?.facts.peer).toBe(4)
    expect([...list].map(({ facts }) => facts.peer)).toEqual([3, 9])
  })
})
