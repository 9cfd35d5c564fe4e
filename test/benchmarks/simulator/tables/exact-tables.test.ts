import { describe, expect, test } from 'vitest'
import { ExactTables } from '../../../../benchmarks/simulator/tables/exact-tables.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import { smallWorld } from './small-world.ts'
import type { SmallNode } from './small-world.ts'
import type { World } from '../../../../benchmarks/simulator/world/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const START_MS = -2 * HOUR_MS

const target = (id: number): Uint8Array => Uint8Array.of(id, 0, 0, 0)
const tablesOf = (world: World, k = 20, seed = 1): ExactTables => new ExactTables(world, { seed, k, startMs: START_MS })
const known = (tables: ExactTables, node: number): number[] => tables.entriesOf(node).map(({ peer }) => peer).sort((a, b) => a - b)

/** Nodes spread evenly over the keyspace; what is said of some of them overrides what is said of all */
function network (count: number, all: Partial<SmallNode> = {}, some: Record<number, Partial<SmallNode>> = {}): SmallNode[] {
  return Array.from({ length: count }, (_, i) => ({ id: Math.floor(256 * i / count), ...all, ...some[i] }))
}

describe('routing tables of all nodes', () => {
  test('know the whole of a network that fits into them', () => {
    const tables = tablesOf(smallWorld(network(8)))
    tables.advance(0)

    for (let node = 0; node < 8; node++) {
      expect(known(tables, node)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter(other => other !== node))
    }
  })

  test('hold k peers in a bucket', () => {
    const tables = tablesOf(smallWorld(network(64)), 3)
    tables.advance(0)

    for (let node = 0; node < 64; node++) {
      // half of the keyspace, a quarter and an eighth have 32, 16 and 8 nodes
      for (const shared of [0, 1, 2]) {
        const inBucket = known(tables, node).filter(peer => Math.clz32((4 * peer) ^ (4 * node)) - 24 === shared)

        expect(inBucket).toHaveLength(3)
      }
    }
  })

  test('name the closest peers that a node knows by ascending distance', () => {
    const world = smallWorld(network(64))
    const tables = tablesOf(world, 5)
    tables.advance(0)

    for (const id of [0, 77, 255]) {
      const byDistance = (a: number, b: number): number => compareDistance(target(id), world.population.kadId(a), world.population.kadId(b))

      expect(tables.named(20, target(id), 5)).toEqual(known(tables, 20).sort(byDistance).slice(0, 5))
    }
  })

  test('are the same for the same seed and others for another', () => {
    const all = (seed: number): number[][] => {
      const tables = tablesOf(smallWorld(network(128)), 3, seed)
      tables.advance(0)

      return Array.from({ length: 128 }, (_, node) => known(tables, node))
    }

    expect(all(1)).toEqual(all(1))
    expect(all(2)).not.toEqual(all(1))
  })

  test('come out the same in one step and in many', () => {
    const world = smallWorld(network(64, {}, { 3: { online: [[-HOUR_MS, HOUR_MS]] } }))
    const [inOne, inMany] = [tablesOf(world, 3), tablesOf(world, 3)]
    inOne.advance(0)

    for (let now = START_MS; now <= 0; now += 7_000) {
      inMany.advance(now)
    }

    inMany.advance(0)

    for (let node = 0; node < 64; node++) {
      expect(known(inMany, node)).toEqual(known(inOne, node))
    }
  })

  test('lose a node that went and whose host refuses dials at a lookup', () => {
    const tables = tablesOf(smallWorld(network(8, {}, { 5: { online: [[START_MS, -HOUR_MS]] } })))
    tables.advance(-HOUR_MS)
    expect(known(tables, 1)).toContain(5)
    // a lookup of itself at each refresh, every ten minutes, noticed at most 20 s later
    tables.advance(-HOUR_MS + 10 * MINUTE_MS + 20_000)
    expect(known(tables, 1)).not.toContain(5)
  })

  test('keep a node that went and whose host accepts and then stalls until it is pinged, after the grace period', () => {
    const world = smallWorld(network(8, {}, { 5: { online: [[-24 * HOUR_MS, -HOUR_MS]], absence: 'stalls' } }))
    const tables = tablesOf(world)
    tables.advance(-HOUR_MS + 30 * MINUTE_MS)
    expect(Array.from({ length: 8 }, (_, node) => known(tables, node)).filter(peers => peers.includes(5)).length).toBeGreaterThan(4)
    // 43 minutes after it last answered, and then at the next refresh
    tables.advance(-HOUR_MS + 54 * MINUTE_MS)
    expect(Array.from({ length: 8 }, (_, node) => known(tables, node)).filter((peers, node) => node !== 5 && peers.includes(5))).toEqual([])
  })

  test('take in a node that nobody can dial, when it dials, and are left with a dead entry', () => {
    const world = smallWorld(network(8, {}, { 5: { reach: 'unreachable', absence: 'silent' } }))
    const tables = tablesOf(world)
    tables.advance(0)

    expect(known(tables, 1)).toContain(5)
    expect(known(tables, 5)).toEqual([0, 1, 2, 3, 4, 6, 7])
  })

  test('never hear of a node that nobody can dial and that has nobody to dial', () => {
    const world = smallWorld([{ id: 0, reach: 'unreachable' }, { id: 128, reach: 'unreachable' }])
    const tables = tablesOf(world)
    tables.advance(0)

    expect(known(tables, 0)).toEqual([])
    expect(known(tables, 1)).toEqual([])
  })

  test('are found by a node that joins as soon as it is online, and hold it soon', () => {
    const world = smallWorld(network(8, {}, { 5: { online: [[-MINUTE_MS, HOUR_MS]] } }))
    const tables = tablesOf(world)
    tables.advance(-MINUTE_MS)
    expect(known(tables, 1)).not.toContain(5)
    tables.advance(0)
    expect(known(tables, 5)).toEqual([0, 1, 2, 3, 4, 6, 7])
    expect(known(tables, 1)).toContain(5)
  })

  test.each([
    { implementation: 'go-kad-dht', kept: false },
    { implementation: 'kad-dht', kept: false },
    { implementation: 'scored', kept: true }
  ] as const)('$implementation keeps its table over a restart: $kept', ({ implementation, kept }) => {
    // the other is away when it comes back
    const tables = tablesOf(smallWorld([
      { id: 0, implementation, online: [[START_MS, -HOUR_MS], [-MINUTE_MS, HOUR_MS]] },
      { id: 128, implementation, online: [[START_MS, -HOUR_MS]] }
    ]))
    tables.advance(-HOUR_MS)
    expect(known(tables, 0)).toEqual([1])
    tables.advance(0)
    expect(known(tables, 0)).toEqual(kept ? [1] : [])
  })

  test('name others for entries that a scored node found dead, and these only when there are too few', () => {
    const nodes = network(32, { implementation: 'scored' }, { 9: { online: [[-24 * HOUR_MS, -HOUR_MS]], absence: 'silent' } })
    const tables = tablesOf(smallWorld(nodes), 20)
    const closest = target(72)
    tables.advance(-HOUR_MS)

    expect(tables.named(1, closest, 4)).toContain(9)
    expect(tables.entriesOf(1)).toContainEqual({ peer: 9, passedOver: false })

    tables.advance(-HOUR_MS + 30 * MINUTE_MS)
    const later = tables.named(1, closest, 4)
    const isPassedOver = tables.entriesOf(1).find(({ peer }) => peer === 9)?.passedOver

    // its leaf never overflows, so it stays: passed over, but for the minutes in which it has another chance
    expect(isPassedOver).toBeDefined()
    expect(later).toHaveLength(4)
    expect(later.includes(9)).toBe(isPassedOver === false)
    expect(tables.named(1, closest, 31)).toContain(9)
  })

  test('have liars name other liars only, the closest to the target', () => {
    const tables = tablesOf(smallWorld(network(32, {}, { 3: { habit: 'lies' }, 8: { habit: 'lies' }, 20: { habit: 'lies' }, 30: { habit: 'lies', online: [[START_MS, -HOUR_MS]] } })))
    tables.advance(0)

    expect(tables.named(3, target(160), 20)).toEqual([20, 8])
    expect(tables.named(4, target(160), 3)).not.toEqual([20, 8])
  })
})
