import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { UnindexedPeers } from '../../src/routing-table/unindexed-peers.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

/** Few of the first 32 bits differ, so that some peers are told apart by later ones only */
const kadIdOf = (peer: number): KadId => Uint8Array.of(peer & 0b1100, 0, 0, 0, peer)

describe('UnindexedPeers', () => {
  test('finds the closest to a target of all that came and have not gone', () => {
    const step = fc.record({ peer: fc.nat(15), leaves: fc.boolean() })

    fc.assert(fc.property(fc.array(step), fc.nat(15), (steps, target) => {
      const named = new UnindexedPeers<number>()
      const here = new Set<number>()

      for (const { peer, leaves } of steps) {
        if (leaves) {
          named.delete(peer)
          here.delete(peer)
        } else if (!here.has(peer)) {
          named.add({ peer, kadId: kadIdOf(peer) })
          here.add(peer)
        }
      }

      const [closest] = [...here].sort((a, b) => compareDistance(kadIdOf(target), kadIdOf(a), kadIdOf(b)))

      expect(named.closest(kadIdOf(target))?.peer).to.equal(closest)
    }))
  })
})
