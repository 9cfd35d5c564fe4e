import { beforeAll, describe, expect, test } from 'vitest'
import { ExactTables } from '../../../../benchmarks/simulator/tables/exact-tables.ts'
import { KeyIndex } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { measureTables } from '../../../../benchmarks/simulator/tables/measure-tables.ts'
import { SampledTables } from '../../../../benchmarks/simulator/tables/sampled-tables.ts'
import { TableProfile } from '../../../../benchmarks/simulator/tables/table-profile.ts'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { createWorld } from '../../../../benchmarks/simulator/world/create-world.ts'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { simpleWalk } from './simple-walk.ts'
import type { MeasuredBucket } from '../../../../benchmarks/simulator/tables/measure-tables.ts'
import type { RoutingTables } from '../../../../benchmarks/simulator/tables/routing-tables.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'
import type { World } from '../../../../benchmarks/simulator/world/world.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

const K = 20
const NODES = 10_000
const START_MS = -3_600_000
const WALKS = 1500

// buckets so far out are rare: taken together
const DEEPEST = 12

interface Case {
  name: string
  conditions: WorldConditions
  /** How far the number of dead peers that a walk asks may be off, a share */
  deadWithin?: number
}

const cases: Case[] = [
  { name: 'go-kad-dht, 2022', conditions: WORLD_CONDITIONS['amino-2022'] },
  { name: 'half of the nodes run the scored service', conditions: { ...WORLD_CONDITIONS['amino-2022'], adoption: 0.5 } },
  { name: 'kad-dht', conditions: { ...WORLD_CONDITIONS['amino-2022'], kadDhtShare: 1 } },
  { name: 'log-normal sessions', conditions: { ...WORLD_CONDITIONS['amino-2022'], sessionLaw: 'log-normal' } },
  // a known limit of the drawn tables: 15% more of those who are asked are dead than in the exact ones
  { name: 'nodes by the clock', conditions: { ...WORLD_CONDITIONS['amino-2022'], sessionLaw: 'clock' }, deadWithin: 0.2 }
]

describe.each(cases)('tables that are drawn, at 10,000 nodes: $name', ({ conditions, deadWithin = 0.1 }) => {
  let world: World
  let exact: ExactTables
  let sampled: SampledTables

  beforeAll(async () => {
    world = createWorld({ nodes: NODES, seed: 7, conditions, startMs: START_MS })
    exact = new ExactTables(world, { seed: 7, k: K, startMs: START_MS })

    const profile = await TableProfile.of(exact, {
      world,
      index: new KeyIndex(world.population),
      times: [-900_000, 0],
      moveTo: async time => { exact.advance(time) }
    })

    sampled = new SampledTables(world, { seed: 8, k: K, profile })
    sampled.advance(0)
  })

  test('hold as many dead entries as those that are held, within 2 percentage points in each bucket', () => {
    const [inExact, inSampled] = [exact, sampled].map(tables => byClass(measureTables(tables, world).buckets))

    expect(inSampled).toHaveLength(inExact.length)
    inExact.forEach(({ dead, entries }, bucket) => {
      expect(Math.abs(dead / entries - inSampled[bucket].dead / inSampled[bucket].entries), `bucket ${bucket}`).toBeLessThan(0.02)
    })
  })

  test('are as full as those that are held, within 10%', () => {
    const [inExact, inSampled] = [exact, sampled].map(tables => byClass(measureTables(tables, world).buckets))

    inExact.forEach(({ entries }, bucket) => {
      expect(inSampled[bucket].entries / entries, `bucket ${bucket}`).toBeGreaterThan(0.9)
      expect(inSampled[bucket].entries / entries, `bucket ${bucket}`).toBeLessThan(1.1)
    })
  })

  test('lead a walk to its target by as many hops, over as many peers, as many of them dead, within 10% or what is said of the case', () => {
    const inExact = meanWalk(world, exact)
    const inSampled = meanWalk(world, sampled)

    for (const figure of ['hops', 'asked', 'dead'] as const) {
      const within = figure === 'dead' ? deadWithin : 0.1

      expect(inSampled[figure] / inExact[figure], figure).toBeGreaterThan(1 - within)
      expect(inSampled[figure] / inExact[figure], figure).toBeLessThan(1 + within)
    }
  })

  // these two last, as they move on in time
  test('are the same until the next refresh, and others after it', () => {
    const node = world.population.closest(new Uint8Array(32), 1, peer => world.sessions.isOnline(peer, 0))[0]
    const target = Uint8Array.of(200, ...new Uint8Array(31))
    const first = sampled.named(node, target, K)

    expect(first).toHaveLength(K)
    expect(sampled.named(node, target, K)).toEqual(first)

    sampled.advance(600_000)

    expect(sampled.named(node, target, K)).not.toEqual(first)
  })

  test('hold no more dead entries after hours in which others have come and gone', () => {
    const before = deadShare(measureTables(sampled, world).buckets)

    sampled.advance(3 * 3_600_000)

    expect(deadShare(measureTables(sampled, world).buckets)).toBeLessThan(before + 0.03)
  })
})

function deadShare (buckets: readonly MeasuredBucket[]): number {
  const classes = byClass(buckets)

  return sumOf(classes.map(({ dead }) => dead)) / sumOf(classes.map(({ entries }) => entries))
}

function sumOf (numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function byClass (buckets: readonly MeasuredBucket[]): Array<{ dead: number, entries: number }> {
  const classes = Array.from({ length: DEEPEST + 1 }, () => ({ dead: 0, entries: 0 }))

  for (const { bucket, entries, offline, unreachable } of buckets) {
    const ofClass = classes[Math.min(bucket, DEEPEST)]
    ofClass.entries += entries
    ofClass.dead += offline + unreachable
  }

  return classes
}

function meanWalk (world: World, tables: RoutingTables): { hops: number, asked: number, dead: number } {
  const { population, sessions } = world
  const random = new HashedRandom(3, 'walks')
  const sum = { hops: 0, asked: 0, dead: 0 }

  for (let walk = 0; walk < WALKS; walk++) {
    const target: KadId = Uint8Array.from({ length: 32 }, (_, i) => random.word(walk, i) & 0xff)
    let start = random.word(walk, 99) % population.size

    while (population.reach(start) === 'unreachable' || !sessions.isOnline(start, 0)) {
      start = (start + 1) % population.size
    }

    const { hops, asked, dead } = simpleWalk({ world, tables, start, target, k: K, now: 0 })
    sum.hops += hops / WALKS
    sum.asked += asked / WALKS
    sum.dead += dead / WALKS
  }

  return sum
}
