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
  rows.forEach(([peer, referrer]) => { peers.add(entryOf(peer), referrer, 0) })

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
    expect(peers.get(9)).toEqual({ ...entryOf(9), referrer: 1, namedAt: 0 })
  })

  test('keep who named them first, and when they were named last', () => {
    const peers = named(10, [9, 1])
    peers.add(entryOf(9), 2, 50)

    expect(peers.get(9)).toMatchObject({ referrer: 1, namedAt: 50 })
  })

  test('have the time of their last naming', () => {
    const peers = named(10, [9, 1])
    peers.add(entryOf(9), 2, 70)

    expect(peers.get(9)).toMatchObject({ referrer: 1, namedAt: 70 })
  })

  test('are told of when they come or leave, and once an hour while they are named again', () => {
    const changed: number[] = []
    const peers = new NamedPeers<number>(2, peer => { changed.push(peer) })

    for (const minutes of [0, 1, 59, 61, 119, 121]) {
      peers.add(entryOf(9), 1, 60_000 * minutes)
    }

    expect(changed.splice(0)).toEqual([9, 9, 9])
    peers.restore(entryOf(8), 1, 5)
    expect(changed.splice(0)).toEqual([])
    peers.add(entryOf(7), 2, 0)
    expect(changed.splice(0)).toEqual([9, 7])
    peers.delete(8)
    peers.delete(8)
    expect(changed).toEqual([8])
  })

  test('come back as they were kept, but not in the place of what is known by now', () => {
    const peers = named(10, [9, 1])
    peers.restore(entryOf(9), 2, 70)
    peers.restore(entryOf(3), 2, 60)

    expect([peers.get(9), peers.get(3)]).toMatchObject([{ referrer: 1, namedAt: 0 }, { referrer: 2, namedAt: 60 }])
    expect(closest(peers, 2)).toEqual([3, 9])
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
        peers.add(entryOf(10_000 + 1_000 * round + i), 7, round)
      }

      for (let referrer = 100; referrer < 120; referrer++) {
        peers.add(entryOf(round * 20 + referrer - 100), referrer, round)
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
          peers.add(entryOf(peer), referrer, 0)
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
