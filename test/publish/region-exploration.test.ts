import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_LOOKUPS, RegionExploration } from '../../src/publish/region-exploration.ts'
import { Region } from '../../src/publish/region.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { closest, explore, peersAt, randomPeers, recallOf } from './explored-network.ts'
import { regionOf } from './region-of.ts'
import type { Exploration, LookUp, Peers } from './explored-network.ts'

const K = 20
const WHOLE = regionOf('', 32)

function truthful (peers: Peers, k = K): LookUp {
  return target => closest(peers, target, k)
}

function explored ({ end }: Exploration): Extract<Exploration['end'], { type: 'explored' }> {
  if (end.type !== 'explored') {
    throw new Error(`The exploration failed: ${end.reason}`)
  }

  return end
}

function under (region: Region, peers: Peers): Set<number> {
  return new Set(peers.filter(({ kadId }) => region.contains(kadId)).map(({ peer }) => peer))
}

function keysIn (region: Region, count = 50): Uint8Array[] {
  const random = seededRandom(99)

  return Array.from({ length: count }, () => region.randomKadId(random))
}

describe('an exploration of a region', () => {
  test.each([[1], [5], [15], [19]])('finds all of a network of %i peers, and takes in the whole keyspace', (count) => {
    const peers = randomPeers(count, 1)
    const done = explore(regionOf('0110', 32), truthful(peers))

    expect(explored(done)).toMatchObject({ region: WHOLE, gaps: [] })
    expect(explored(done).peers.map(({ peer }) => peer).toSorted((a, b) => a - b)).toEqual(peers.map(({ peer }) => peer))
    // the second one confirms that there are no others
    expect(done.targets.length).toBeLessThanOrEqual(3)
  })

  test.each([[20], [40], [1000]])('finds each peer of the region in a network of %i', (count) => {
    const peers = randomPeers(count, 2)

    for (const prefix of ['', '1', '0110', '01101011']) {
      const { region, peers: found, gaps } = explored(explore(regionOf(prefix, 32), truthful(peers)))

      if (count < 1000 || prefix !== '') {
        expect(gaps).toEqual([])
        expect(under(region, found)).toEqual(under(region, peers))
        expect(recallOf(found, peers, keysIn(region), K)).toBe(1)
      }
    }
  })

  test('becomes its parent until k peers lie under it', () => {
    const peers = randomPeers(1000, 3)
    const { region, peers: found } = explored(explore(regionOf('011010110111', 32), truthful(peers)))

    expect(`${region}`).toMatch(/^01101/)
    expect(under(region, found).size).toBeGreaterThanOrEqual(K)
    expect([...region.children].some(child => child.contains(regionOf('011010110111', 32).bits) && under(child, peers).size >= K)).toBe(false)
  })

  test('lists the peers by kad id, those that it came across outside the region too', () => {
    const peers = peersAt([0b00010000, 0b00000000, 0b10000000, 0b00100000].map(byte => Uint8Array.of(byte)))
    const { region, peers: found } = explored(explore(regionOf('0'), truthful(peers, 3), { k: 3 }))

    expect(`${region}`).toBe('0')
    expect(found.map(({ peer }) => peer)).toEqual([1, 0, 3])
    expect(explored(explore(regionOf('1'), truthful(peers, 3), { k: 3 })).peers.map(({ peer }) => peer)).toEqual([1, 0, 3, 2])
  })

  test('needs few lookups: one for each half k of the peers, or better', () => {
    const peers = randomPeers(10_000, 4)
    const lookups = ['00000000', '01011010', '1110111', '101101'].map(prefix => {
      const region = regionOf(prefix, 32)

      return explore(region, truthful(peers)).targets.length / under(region, peers).size
    })

    expect(Math.max(...lookups)).toBeLessThanOrEqual(2 / K)
  })

  test('has no more lookups at a time than allowed', () => {
    const peers = randomPeers(1000, 5)

    expect(explore(regionOf('01', 32), truthful(peers), { lookupsAtOnce: 1 }).atOnce).toBe(1)
    expect(explore(regionOf('01', 32), truthful(peers), { lookupsAtOnce: 4 }).atOnce).toBe(4)
  })

  test('needs hardly more lookups when several run at a time', () => {
    const peers = randomPeers(1000, 5)
    const [one, eight] = [1, 8].map(lookupsAtOnce => explore(regionOf('01', 32), truthful(peers), { lookupsAtOnce }).targets.length)

    expect(eight).toBeLessThanOrEqual(1.3 * one)
  })

  test('ends after so many lookups, and names the gaps', () => {
    const peers = randomPeers(2000, 6)
    const done = explore(WHOLE, truthful(peers))
    const { region, peers: found, gaps } = explored(done)
    const keys = keysIn(WHOLE, 200)
    const isGap = (key: Uint8Array): boolean => gaps.some(gap => gap.contains(key))

    expect(done.targets).toHaveLength(MAX_LOOKUPS)
    expect(region).toEqual(WHOLE)
    expect(recallOf(found, peers, keys.filter(isGap), K)).toBeLessThan(0.9)
    // all is known of the rest, though for a key near a gap some of the k may lie within it
    expect(under(WHOLE, found.filter(({ kadId }) => !isGap(kadId)))).toEqual(under(WHOLE, peers.filter(({ kadId }) => !isGap(kadId))))
  })
})

describe('an exploration among clustered ids', () => {
  const cluster = regionOf('01101011', 32)
  const far = regionOf('1001000010', 32)

  test.each([['', cluster], ['0', cluster], ['1', cluster], ['01101011', cluster], ['011010110', cluster], ['1111', cluster]])('of %j finds all that lie under one prefix', (prefix, cluster) => {
    const peers = randomPeers(40, 7, cluster)
    const { region, peers: found, gaps } = explored(explore(regionOf(prefix, 32), truthful(peers)))

    expect(gaps).toEqual([])
    expect(under(region, found)).toEqual(under(region, peers))
    expect(recallOf(found, peers, keysIn(region), K)).toBe(1)
  })

  test.each([[''], ['0'], ['1'], ['01101011'], ['10010'], ['0000']])('of %j finds those of two clusters far apart', (prefix) => {
    const peers = [...randomPeers(15, 8, cluster), ...randomPeers(30, 9, far)].map(({ kadId }, peer) => ({ peer, kadId }))
    const { region, peers: found, gaps } = explored(explore(regionOf(prefix, 32), truthful(peers)))

    expect(gaps).toEqual([])
    expect(under(region, found)).toEqual(under(region, peers))
    expect(recallOf(found, peers, keysIn(region), K)).toBe(1)
  })

  test('gives up a gap early that would need too many lookups, and names it', () => {
    // each lookup from outside finds k of the 25 and covers one bit more, 150 times
    const peers = randomPeers(25, 10, regionOf('01'.repeat(75), 32))
    const done = explore(WHOLE, truthful(peers))

    expect(done.targets.length).toBeLessThan(12)
    expect(explored(done).gaps.length).toBeGreaterThan(0)
    expect(explored(done).peers).toHaveLength(25)
  })

  test('goes on without a new peer where the gaps can be closed', () => {
    const peers = randomPeers(25, 11, regionOf('01'.repeat(15), 32))
    const done = explore(WHOLE, truthful(peers))

    expect(done.targets.length).toBeGreaterThan(12)
    expect(explored(done).gaps).toEqual([])
  })
})

describe('an exploration whose lookups fall short', () => {
  test('finds most of the peers when each lookup misses some', () => {
    const peers = randomPeers(1000, 12)
    const random = seededRandom(12)
    const { region, peers: found } = explored(explore(regionOf('0110', 32), target => closest(peers.filter(() => random() < 0.9), target, K)))

    expect(recallOf(found, peers, keysIn(region), K)).toBeGreaterThan(0.9)
  })

  test('does not take a lookup that found few for the whole network', () => {
    const peers = randomPeers(1000, 13)
    let lookups = 0
    const { region, peers: found, gaps } = explored(explore(regionOf('0110', 32), target => closest(peers, target, lookups++ === 0 ? 3 : K)))

    expect(`${region}`).toBe('0110')
    expect(gaps).toEqual([])
    expect(recallOf(found, peers, keysIn(region), K)).toBe(1)
  })

  test('goes elsewhere after a lookup that failed', () => {
    const peers = randomPeers(1000, 14)
    let lookups = 0
    const done = explore(regionOf('0110', 32), target => lookups++ % 2 === 0 ? undefined : closest(peers, target, K), { lookupsAtOnce: 1 })

    expect(recallOf(explored(done).peers, peers, keysIn(regionOf('0110', 32)), K)).toBe(1)
    expect(new Set(done.targets.map(String)).size).toBe(done.targets.length)
  })

  test('fails after two in a row that failed, whatever it has found', () => {
    const peers = randomPeers(1000, 15)
    let lookups = 0

    expect(explore(WHOLE, () => undefined)).toMatchObject({ end: { type: 'failed', reason: 'lookupsFailed' }, targets: { length: 2 } })
    expect(explore(WHOLE, target => lookups++ < 5 ? closest(peers, target, K) : undefined, { lookupsAtOnce: 1 }))
      .toMatchObject({ end: { type: 'failed', reason: 'lookupsFailed' }, targets: { length: 7 } })
  })

  test('fails when they find nobody', () => {
    expect(explore(WHOLE, () => [])).toMatchObject({ end: { type: 'failed', reason: 'noPeers' }, targets: { length: 2 } })
  })
})

describe('the facts of an exploration', () => {
  const peers = randomPeers(1000, 16)
  const create = (): RegionExploration<number> => new RegionExploration({ region: regionOf('0110', 32), k: K, lookupsAtOnce: 1, random: seededRandom(1) })

  test('count from the start on, and those of its own lookups only', () => {
    const exploration = create()
    const target = regionOf('01101', 32).bits

    expect(exploration.advance({ type: 'lookedUp', target, closest: closest(peers, target, K) })).toEqual([])
    const [command] = exploration.advance({ type: 'started' })
    expect(command).toMatchObject({ type: 'lookup' })
    expect(exploration.advance({ type: 'started' })).toEqual([])
    expect(exploration.advance({ type: 'lookedUp', target, closest: closest(peers, target, K) })).toEqual([])
    expect(exploration.advance({ type: 'lookupFailed', target })).toEqual([])
    expect(exploration.advance({ type: 'lookupFailed', target })).toEqual([])
    expect(exploration.advance({ type: 'lookedUp', target: (command as { target: Uint8Array }).target, closest: closest(peers, target, K) })).toHaveLength(1)
  })

  test('change nothing after the end', () => {
    const exploration = create()

    for (let i = 0, commands = exploration.advance({ type: 'started' }); i < 2; i++) {
      const [command] = commands
      commands = exploration.advance({ type: 'lookupFailed', target: (command as { target: Uint8Array }).target })
    }

    expect(exploration.advance({ type: 'started' })).toEqual([])
    expect(exploration.advance({ type: 'lookedUp', target: WHOLE.bits, closest: peers })).toEqual([])
  })
})

describe('an exploration with truthful lookups', () => {
  test('finds the k closest peers to each key of 8 bits under the region', () => {
    const network = fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 80 }).map(bytes => peersAt(bytes.map(byte => Uint8Array.of(byte))))
    const settings = fc.record({ k: fc.integer({ min: 1, max: 20 }), lookupsAtOnce: fc.integer({ min: 1, max: 5 }), seed: fc.nat() })

    fc.assert(fc.property(network, fc.nat(255), fc.nat(8), settings, (peers, byte, length, settings) => {
      const asked = new Region(Uint8Array.of(byte), length)
      const done = explore(asked, truthful(peers, settings.k), settings)
      const { region, peers: found, gaps } = explored(done)
      const keys = Array.from({ length: 256 }, (_, key) => Uint8Array.of(key)).filter(key => region.contains(key) && !gaps.some(gap => gap.contains(key)))

      expect(region.contains(asked.bits) && region.length <= asked.length).toBe(true)
      expect(under(region, peers).size >= settings.k || region.length === 0).toBe(true)
      expect(keys.map(key => closest(found, key, settings.k))).toEqual(keys.map(key => closest(peers, key, settings.k)))
      // a lookup closes a gap of 8 bits in a few steps, so only many peers and a small k leave one
      expect(gaps.length === 0 || peers.length / settings.k > 10).toBe(true)
      expect(done.targets.length).toBeLessThanOrEqual(MAX_LOOKUPS)
    }), { numRuns: 500 })
  })

  test('finds the k closest peers to each key of 256 bits, clusters or none', () => {
    const cluster = fc.record({ prefix: fc.stringMatching(/^[01]{0,14}$/), count: fc.integer({ min: 1, max: 60 }), seed: fc.nat() })
    const network = fc.array(cluster, { minLength: 1, maxLength: 3 })
      .map(clusters => peersAt(clusters.flatMap(({ prefix, count, seed }) => randomPeers(count, seed, regionOf(prefix, 32))).map(({ kadId }) => kadId)))
      .filter(peers => new Set(peers.map(({ kadId }) => String(kadId))).size === peers.length)

    fc.assert(fc.property(network, fc.stringMatching(/^[01]{0,10}$/), fc.nat(), (peers, prefix, seed) => {
      const { region, peers: found, gaps } = explored(explore(regionOf(prefix, 32), truthful(peers), { seed }))

      expect(gaps).toEqual([])
      expect(under(region, found)).toEqual(under(region, peers))
      expect(recallOf(found, peers, keysIn(region, 10), K)).toBe(1)
    }), { numRuns: 150 })
  })
})
