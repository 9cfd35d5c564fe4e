import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BulkPut } from '../../src/publish/bulk-put.ts'
import { regionLength } from '../../src/publish/region-length.ts'
import type { Region } from '../../src/publish/region.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { SETTINGS, bulkRun } from './bulk-run.ts'
import { closest, peersAt, randomPeers } from './explored-network.ts'
import { regionOf } from './region-of.ts'
import type { BulkRun, BulkTrial, Command, Fact, Key } from './bulk-run.ts'
import type { Peers } from './explored-network.ts'

const K = SETTINGS.k

/** Keys with kad ids at random, under a prefix where one is given */
function randomKeys (count: number, seed: number, under?: Region): Key[] {
  return randomPeers(count, seed, under).map(({ kadId }) => ({ kadId }))
}

/** The keyspace in regions of this length */
function regionsOf (length: number, bytes = 32): Region[] {
  return Array.from({ length: 2 ** length }, (_, i) => regionOf(length === 0 ? '' : i.toString(2).padStart(length, '0'), bytes))
}

function holdersOf (key: Key, peers: Peers, k = K): Set<number> {
  return new Set(closest(peers, key.kadId, k).map(({ peer }) => peer))
}

function names (commands: Array<{ region: Region }>): string[] {
  return commands.map(({ region }) => `${region}`)
}

/** Peers that lie so deep under one prefix that no lookup from outside gets near: a gap is left beside them */
function deepCluster (): { peers: Peers, inside: Region } {
  const inside = regionOf('01'.repeat(75), 32)

  return { peers: randomPeers(25, 10, inside), inside }
}

describe('a bulk put', () => {
  const peers = randomPeers(200, 1)

  test('stores each key on its k closest peers, region by region', () => {
    const keys = randomKeys(300, 2)
    const run = bulkRun({ peers, regions: regionsOf(3), keys })

    keys.forEach(key => { expect(run.stored.get(key)).toEqual(holdersOf(key, peers)) })
    expect(names(run.regionsDone).toSorted()).toEqual(regionsOf(3).map(String))
    expect(run.finish.sums).toMatchObject({ regionsDone: 8, regionsFailed: 0, stored: 300, failed: 0, holders: 300 * K, peersLeftOut: 0 })
  })

  test('reports of each region what became of its keys and peers', () => {
    const keys = randomKeys(300, 2)
    const silent = new Set(peers.filter(({ peer }) => peer % 5 === 0).map(({ peer }) => peer))
    const { regionsDone, done, finish } = bulkRun({ peers, regions: regionsOf(2), keys, silent })

    for (const { region, report } of regionsDone) {
      const own = done.filter(({ key }) => region.contains(key.kadId))

      expect(own.every(done => `${done.region}` === `${region}`)).toBe(true)
      expect(report).toMatchObject({
        stored: own.filter(({ result }) => result === 'stored').length,
        failed: own.filter(({ result }) => result === 'failed').length,
        holders: own.reduce((sum, { holders }) => sum + holders, 0),
        gaps: []
      })
      expect(report.peersLeftOut).toBeGreaterThan(2)
      expect(report.peersFound).toBeGreaterThanOrEqual(peers.filter(({ kadId }) => region.contains(kadId)).length)
    }

    expect(finish.sums.peersLeftOut).toBe(regionsDone.reduce((sum, { report }) => sum + report.peersLeftOut, 0))
    expect(finish.sums.peersFound).toBe(regionsDone.reduce((sum, { report }) => sum + report.peersFound, 0))
  })

  test('explores one region at a time, and the next while it sends', () => {
    const { events, most } = bulkRun({ peers, regions: regionsOf(3), keys: randomKeys(300, 2) })
    const before = (first: string, second: string): void => { expect(events.indexOf(first), `${first} < ${second}`).toBeLessThan(events.indexOf(second)) }

    expect(most).toMatchObject({ regions: 2, explorations: 1, lookups: 2 })
    before('sending 000', 'exploring 001')
    before('exploring 001', 'end 000')
    // two are under way
    before('end 000', 'exploring 010')
  })

  test('asks for one region after another, and for no more than may be under way', () => {
    const put = new BulkPut<number, Key>({ ...SETTINGS, random: seededRandom(1) })
    const first = put.advance({ type: 'started' })
    const second = put.advance({ type: 'region', region: regionOf('00', 32) })

    expect(first).toEqual([{ type: 'nextRegion' }])
    expect(second.map(({ type }) => type)).toEqual(['lookup', 'nextRegion'])
    expect(put.advance({ type: 'region', region: regionOf('01', 32) })).toEqual([])
    // nobody asked for a third
    expect(put.advance({ type: 'region', region: regionOf('10', 32) })).toEqual([])
    expect(put.advance({ type: 'cancelled' }).at(-1)).toMatchObject({ sums: { regionsFailed: 2 } })
  })

  test('ends when there is nothing to do', () => {
    expect(bulkRun({ peers, regions: [], keys: [] }).finish.sums).toEqual({ regionsDone: 0, regionsFailed: 0, stored: 0, failed: 0, holders: 0, peersFound: 0, peersLeftOut: 0 })
  })

  test('goes on where no lookup of a region succeeds, and its keys stay where they are', () => {
    const keys = randomKeys(300, 2)
    const broken = regionOf('010', 32)
    const { regionsFailed, done, finish } = bulkRun({ peers, regions: regionsOf(3), keys, lookUp: target => broken.contains(target) ? undefined : closest(peers, target, K) })

    expect(regionsFailed).toEqual([{ type: 'regionFailed', region: broken, reason: 'lookupsFailed' }])
    expect(done.map(({ key }) => key).every(({ kadId }) => !broken.contains(kadId))).toBe(true)
    expect(finish.sums).toMatchObject({ regionsDone: 7, regionsFailed: 1, stored: keys.filter(({ kadId }) => !broken.contains(kadId)).length })
  })
})

describe('regions with few peers', () => {
  test.each([1, 5, 15, 40])('use one exploration for all that it covers, in a network of %i', (count) => {
    const peers = randomPeers(count, 3)
    const keys = randomKeys(200, 4)
    const settings = { k: 20, leastHolders: 10 }
    const { targets, stored, regionsDone, finish } = bulkRun({ peers, regions: regionsOf(4), keys, settings })

    keys.forEach(key => { expect(stored.get(key)).toEqual(holdersOf(key, peers, 20)) })
    expect(regionsDone).toHaveLength(16)
    expect(finish.sums).toMatchObject({ stored: 200, failed: 0 })
    expect(targets.length).toBeLessThanOrEqual(count < 20 ? 3 : 12)
  })

  test('are explored anew when a peer of the exploration was left out', () => {
    const peers = randomPeers(15, 3)
    const settings = { k: 20, leastHolders: 1, regionsAtOnce: 1 }
    const { events } = bulkRun({ peers, regions: regionsOf(2), keys: randomKeys(200, 4), settings, silent: new Set([3]) })

    expect(events.filter(event => event.startsWith('exploring'))).toEqual(['00', '01', '10', '11'].map(name => `exploring ${name}`))
  })

  test('keep the exploration when a peer was left out elsewhere', () => {
    // 16 peers under 1, and too few under each part of 0
    const peers = [...randomPeers(16, 1, regionOf('1', 32)), ...randomPeers(5, 2, regionOf('0', 32))].map(({ kadId }, peer) => ({ peer, kadId }))
    const keys = [...randomKeys(40, 3, regionOf('1', 32)), ...randomKeys(200, 4, regionOf('000', 32)), ...randomKeys(10, 5, regionOf('001', 32))]
    const { events, regionsDone } = bulkRun({ peers, regions: ['1', '000', '001'].map(prefix => regionOf(prefix, 32)), keys, silent: new Set([2]) })

    expect(regionsDone[0]).toMatchObject({ region: regionOf('1', 32), report: { peersLeftOut: 1 } })
    expect(events).toEqual(['exploring 1', 'sending 1', 'exploring 000', 'sending 000', 'end 1', 'sending 001', 'end 001', 'end 000'])
  })
})

describe('a gap', () => {
  test('beside a region that has too few peers itself leaves it out as a whole, once', () => {
    const { peers } = deepCluster()
    const keys = randomKeys(50, 7, regionOf('11', 32))
    const { regionsDone, stored, finish } = bulkRun({ peers, regions: [regionOf('11', 32)], keys, settings: { k: 20, leastHolders: 10 } })

    expect(names(regionsDone)).toEqual(['11', '11'])
    expect(regionsDone[0].report).toMatchObject({ stored: 0, failed: 0, gaps: [regionOf('11', 32)] })
    expect(finish.sums).toMatchObject({ stored: 50, failed: 0 })
    keys.forEach(key => { expect(stored.get(key)).toEqual(holdersOf(key, peers, 20)) })
  })

  test('of a region that is too large is explored as a region of its own, so that each key is stored well', () => {
    const peers = randomPeers(600, 5)
    const keys = randomKeys(200, 6)
    const { regionsDone, stored, done, finish } = bulkRun({ peers, regions: regionsOf(0), keys })
    const [{ report }] = regionsDone.filter(({ region }) => region.length === 0)

    expect(report.gaps.length).toBeGreaterThan(2)
    expect(regionsDone).toHaveLength(1 + report.gaps.length)
    expect(report.stored).toBe(keys.filter(({ kadId }) => !report.gaps.some(gap => gap.contains(kadId))).length)
    expect(finish.sums).toMatchObject({ stored: 200, failed: 0 })
    expect(done).toHaveLength(200)
    keys.forEach(key => { expect(stored.get(key)).toEqual(holdersOf(key, peers)) })
  })

  test('that is left the second time fails its keys, though they are sent', () => {
    const { peers, inside } = deepCluster()
    const keys = [...randomKeys(50, 7), ...randomKeys(50, 8, inside)]
    const settings = { k: 20, leastHolders: 10 }
    const { regionsDone, done, stored } = bulkRun({ peers, regions: regionsOf(1), keys, settings })
    const open = regionsDone.filter(({ region }) => region.length > 1).flatMap(({ report }) => report.gaps)

    expect(open.some(gap => gap.contains(inside.bits))).toBe(true)
    expect(done).toHaveLength(keys.length)
    done.forEach(({ key, result }) => {
      expect(result).toBe(open.some(gap => gap.contains(key.kadId)) ? 'failed' : 'stored')
      expect(stored.get(key)).toHaveProperty('size', 20)
    })
  })
})

describe('a region that overlaps another', () => {
  test('waits until that is over', () => {
    const peers = randomPeers(200, 1)
    const keys = randomKeys(100, 2)
    const { events, done } = bulkRun({ peers, regions: ['0', '01', '0', '1'].map(prefix => regionOf(prefix, 32)), keys, settings: { regionsAtOnce: 3 } })

    expect(events.filter(event => !/ 1$/.test(event))).toEqual([
      'exploring 0', 'sending 0', 'end 0', 'sending 01', 'end 01', 'sending 0', 'end 0'
    ])
    expect(done.filter(({ key }) => regionOf('00', 32).contains(key.kadId))).toHaveLength(2 * keys.filter(({ kadId }) => regionOf('00', 32).contains(kadId)).length)
  })
})

describe('a cancellation', () => {
  const peers = randomPeers(200, 1)

  test.each([0, 1, 3, 10, 40])('after %i facts ends all at once, and no region that was under way is done', (cancelAfter) => {
    const keys = randomKeys(300, 2)
    const { finish, done, regionsDone, regionsFailed, stored } = bulkRun({ peers, regions: regionsOf(3), keys, cancelAfter })

    expect(finish.sums).toMatchObject({ regionsDone: regionsDone.length, regionsFailed: regionsFailed.length, stored: done.filter(({ result }) => result === 'stored').length })
    expect(regionsFailed.every(({ reason }) => reason === 'cancelled')).toBe(true)
    expect(regionsFailed.length > 0).toBe(cancelAfter > 0)
    done.forEach(({ key, holders }) => { expect(holders).toBe(stored.get(key)?.size) })
  })

  test('reports a region that waits for its turn as well', () => {
    const put = new BulkPut<number, Key>({ ...SETTINGS, random: seededRandom(1) })
    const [first, second] = regionsOf(1)
    put.advance({ type: 'started' })
    put.advance({ type: 'region', region: first })
    put.advance({ type: 'region', region: second })

    expect(put.advance({ type: 'cancelled' })).toEqual([
      { type: 'regionFailed', region: first, reason: 'cancelled' },
      { type: 'regionFailed', region: second, reason: 'cancelled' },
      { type: 'finish', sums: expect.objectContaining({ regionsDone: 0, regionsFailed: 2 }) }
    ])
  })

  test('is possible before the start, and nothing follows', () => {
    const put = new BulkPut<number, Key>({ ...SETTINGS, random: seededRandom(1) })

    expect(put.advance({ type: 'cancelled' }).map(({ type }) => type)).toEqual(['finish'])
    expect(put.advance({ type: 'started' })).toEqual([])
    expect(put.advance({ type: 'noMoreRegions' })).toEqual([])
  })
})

describe('facts that nobody waits for', () => {
  test('change nothing', () => {
    const put = new BulkPut<number, Key>({ ...SETTINGS, random: seededRandom(1) })
    const region = regionOf('01', 32)
    const facts: Fact[] = [
      { type: 'keys', region, keys: [], isLast: true },
      { type: 'lookupFailed', region, target: region.bits },
      { type: 'failed', region, peer: 1 }
    ]
    const advanced = (): Command[] => facts.flatMap(fact => put.advance(fact))

    expect(advanced()).toEqual([])
    put.advance({ type: 'started' })
    expect(put.advance({ type: 'started' })).toEqual([])
    expect(advanced()).toEqual([])
    put.advance({ type: 'region', region: regionOf('00', 32) })
    expect(advanced()).toEqual([])
  })
})

describe('a bulk put, whatever the network', () => {
  const network = fc.oneof(
    fc.record({ count: fc.integer({ min: 1, max: 150 }), seed: fc.nat() }).map(({ count, seed }) => randomPeers(count, seed)),
    fc.array(fc.record({ prefix: fc.stringMatching(/^[01]{0,12}$/), count: fc.integer({ min: 1, max: 30 }), seed: fc.nat() }), { minLength: 1, maxLength: 3 })
      .map(clusters => peersAt(clusters.flatMap(({ prefix, count, seed }) => randomPeers(count, seed, regionOf(prefix, 32))).map(({ kadId }) => kadId)))
      .filter(peers => new Set(peers.map(({ kadId }) => String(kadId))).size === peers.length)
  )
  const trial: fc.Arbitrary<BulkTrial> = fc.record({
    peers: network,
    regions: fc.nat(4).map(length => regionsOf(length)),
    keys: fc.record({ count: fc.nat(60), seed: fc.nat(), prefix: fc.stringMatching(/^[01]{0,6}$/) }).map(({ count, seed, prefix }) => randomKeys(count, seed, regionOf(prefix, 32))),
    settings: fc.record({
      k: fc.constant(4),
      lookupsAtOnce: fc.integer({ min: 1, max: 4 }),
      peersAtOnce: fc.integer({ min: 1, max: 5 }),
      recordsPerSend: fc.integer({ min: 1, max: 20 }),
      leastHolders: fc.integer({ min: 1, max: 4 }),
      regionsAtOnce: fc.integer({ min: 1, max: 4 })
    }),
    batch: fc.integer({ min: 1, max: 30 }),
    seed: fc.nat()
  })

  function expectWithinBounds ({ most }: BulkRun, { settings, batch = 0 }: BulkTrial): void {
    const { lookupsAtOnce, peersAtOnce, regionsAtOnce } = { ...SETTINGS, ...settings }

    expect(most.regions).toBeLessThanOrEqual(regionsAtOnce)
    expect(most.explorations).toBeLessThanOrEqual(1)
    expect(most.lookups).toBeLessThanOrEqual(lookupsAtOnce)
    expect(most.peersOfARegion).toBeLessThanOrEqual(peersAtOnce)
    expect(most.keysHeld).toBeLessThanOrEqual(2 * batch * regionsAtOnce)
  }

  test('stores each key once on its k closest peers, within its bounds', () => {
    fc.assert(fc.property(trial, (trial) => {
      const run = bulkRun(trial)

      expect(run.done).toHaveLength(trial.keys.length)
      expect(new Set(run.done.map(({ key }) => key))).toEqual(new Set(trial.keys))
      expect(run.finish.sums).toMatchObject({ stored: trial.keys.length, failed: 0, regionsFailed: 0 })
      trial.keys.forEach(key => { expect(run.stored.get(key)).toEqual(holdersOf(key, trial.peers)) })
      expectWithinBounds(run, trial)
    }), { numRuns: 150 })
  })

  test('loses no key where lookups fail, peers are silent, and it is cancelled', () => {
    const trouble = fc.record({ fails: fc.constantFrom(0, 0.1, 0.4), silent: fc.uniqueArray(fc.nat(149), { maxLength: 60 }).map(peers => new Set(peers)), cancelAfter: fc.option(fc.nat(200), { nil: Infinity }), seed: fc.nat() })

    fc.assert(fc.property(trial, trouble, (trial, { fails, silent, cancelAfter, seed }) => {
      const random = seededRandom(seed)
      const run = bulkRun({ ...trial, silent, cancelAfter, lookUp: target => random() < fails ? undefined : closest(trial.peers, target, K) })
      const left = (key: Key): boolean => run.regionsFailed.some(({ region }) => region.contains(key.kadId))
      const done = new Map(run.done.map(command => [command.key, command]))

      expect(done.size).toBe(run.done.length)
      done.forEach(({ holders, result }, key) => {
        expect(holders).toBe(run.stored.get(key)?.size)
        expect(result === 'failed' || holders >= Math.min(trial.settings?.leastHolders ?? 0, trial.peers.length)).toBe(true)
      })
      // what was cancelled before it was asked for is left as well
      expect(trial.keys.every(key => done.has(key) || left(key) || cancelAfter < Infinity)).toBe(true)
      expect(run.finish.sums).toMatchObject({ regionsDone: run.regionsDone.length, regionsFailed: run.regionsFailed.length })
      expectWithinBounds(run, trial)
    }), { numRuns: 150 })
  })

  test('needs far fewer lookups than keys', () => {
    const peers = randomPeers(3000, 9)
    const settings = { k: 20, leastHolders: 10, recordsPerSend: 500, peersAtOnce: 8 }
    const { targets, finish } = bulkRun({ peers, regions: regionsOf(regionLength(peers.length, 20)), keys: randomKeys(2000, 9), settings, batch: 1000 })

    expect(finish.sums).toMatchObject({ stored: 2000, failed: 0, holders: 40_000 })
    expect(targets.length).toBeLessThan(peers.length / 8)
  })
})
