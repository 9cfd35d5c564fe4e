import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NamedPeers } from '../../src/routing-table/named-peers.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'

const TARGET = Uint8Array.of(0, 0, 0)

function entryOf (peer: number): KBucketEntry<number> {
  return { peer, kadId: Uint8Array.of(peer >> 16, peer >> 8 & 255, peer & 255) }
}

/** Each row: a peer and who named it */
function named (maxPeers: number, ...rows: Array<[peer: number, referrer: number]>): NamedPeers<number> {
  const peers = new NamedPeers<number>(maxPeers)
  rows.forEach(([peer, referrer]) => { peers.add(entryOf(peer), referrer) })

  return peers
}

function closest (peers: NamedPeers<number>, n: number, accept: (peer: number) => boolean = () => true): number[] {
  return peers.closest(TARGET, n, ({ peer }) => accept(peer)).map(({ peer }) => peer)
}

describe('the peers that were named', () => {
  test('are found by their distance, as far as they are accepted', () => {
    const peers = named(10, [9, 1], [3, 2], [5, 1])

    expect(closest(peers, 2)).toEqual([3, 5])
    expect(closest(peers, 5, peer => peer !== 3)).toEqual([5, 9])
    expect(peers.get(9)).toEqual({ entry: entryOf(9), referrer: 1 })
  })

  test('keep who named them first', () => {
    expect(named(10, [9, 1], [9, 2]).get(9)?.referrer).toBe(1)
  })

  test('are forgotten one by one', () => {
    const peers = named(10, [9, 1], [3, 1])
    peers.delete(9)
    peers.delete(9)

    expect([peers.size, closest(peers, 5), peers.get(9)]).toEqual([1, [3], undefined])
  })

  test('are no more than allowed: the oldest of who has named the most leaves', () => {
    const peers = named(4, [1, 100], [2, 200], [3, 200], [4, 200], [5, 100])

    expect([...peers.peers()]).toEqual([1, 3, 4, 5])
  })

  test('may be none', () => {
    expect(named(0, [1, 100]).size).toBe(0)
  })

  test('of honest peers stay where one names a thousand inventions in each answer', () => {
    const peers = new NamedPeers<number>(1_000)
    const isHonest = (peer: number): boolean => peer < 10_000

    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 1_000; i++) {
        peers.add(entryOf(10_000 + 1_000 * round + i), 7)
      }

      for (let referrer = 100; referrer < 120; referrer++) {
        peers.add(entryOf(round * 20 + referrer - 100), referrer)
      }
    }

    expect(peers.size).toBe(1_000)
    expect([...peers.peers()].filter(isHonest).length / peers.size).toBeGreaterThanOrEqual(0.95)
  })

  test('are never more than allowed and agree with a plain list of them, whatever happens', () => {
    const change = fc.record({ peer: fc.nat(40), referrer: fc.nat(4), adds: fc.boolean() })

    fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.array(change, { maxLength: 80 }), (maxPeers, changes) => {
      const peers = new NamedPeers<number>(maxPeers)
      let list: Array<[peer: number, referrer: number]> = []

      for (const { peer, referrer, adds } of changes) {
        if (!adds) {
          peers.delete(peer)
          list = list.filter(([other]) => other !== peer)
        } else if (!list.some(([other]) => other === peer)) {
          peers.add(entryOf(peer), referrer)
          list.push([peer, referrer])

          if (list.length > maxPeers) {
            const counts = Map.groupBy(list, ([, by]) => by)
            const most = Math.max(...Array.from(counts.values(), ({ length }) => length))
            // any of those that have named the most
            const left = list.filter(([other]) => peers.get(other) === undefined)
            expect(left).toHaveLength(1)
            expect(counts.get(left[0][1])).toHaveLength(most)
            expect(counts.get(left[0][1])?.[0]).toEqual(left[0])
            list = list.filter(row => row !== left[0])
          }
        }

        expect([...peers.peers()]).toEqual(list.map(([other]) => other))
        expect(closest(peers, 99)).toEqual(list.map(([other]) => other).sort((a, b) => a - b))
      }
    }))
  })
})
