import { expect, test } from 'vitest'
import { NetworkSize } from '../../src/keyspace/network-size.ts'
import { distance, compareDistance } from '../../src/keyspace/xor-distance.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

const HOUR_MS = 3_600_000

function keys (count: number, seed: number): KadId[] {
  const random = seededRandom(seed)

  return Array.from({ length: count }, () => Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256)))
}

/** The distances of the k closest servers to a key */
function closest (servers: KadId[], key: KadId, k = 20): KadId[] {
  return servers.toSorted((a, b) => compareDistance(key, a, b)).slice(0, k).map(server => distance(key, server))
}

test.each([
  [40, 11],
  [1000, 12],
  [5000, 13]
])('the size of a network of %i servers is within three standard errors, and these within reason', (size, seed) => {
  const servers = keys(size, seed)
  const network = new NetworkSize(20)
  keys(60, seed + 100).forEach((key, index) => { network.found(closest(servers, key), index) })
  const { servers: estimated, standardError, measurements } = network.estimate(100) ?? { servers: NaN, standardError: NaN, measurements: NaN }

  expect(measurements).toBe(60)
  expect(Math.abs(estimated - size)).toBeLessThan(3 * standardError + 0.05 * size)
  // one lookup of k = 20 is off by a quarter
  expect(standardError / size).toBeGreaterThan(0.005)
  expect(standardError / size).toBeLessThan(0.06)
})

test('too few lookups tell nothing, nor do those that found fewer than k', () => {
  const servers = keys(100, 1)
  const network = new NetworkSize(20)
  const [first, ...others] = keys(20, 2)
  others.slice(0, 4).forEach(key => { network.found(closest(servers, key), 0) })
  others.slice(4).forEach(key => { network.found(closest(servers, key, 19), 0) })

  expect(network.estimate(0)).toBeUndefined()

  network.found(closest(servers, first), 0)

  expect(network.estimate(0)?.measurements).toBe(5)
})

test('measurements older than two hours do not count, nor more than the last 150', () => {
  const small = keys(100, 3)
  const large = keys(2000, 4)
  const network = new NetworkSize(20)
  keys(200, 5).forEach(key => { network.found(closest(small, key), 0) })

  expect(network.estimate(0)?.measurements).toBe(150)

  keys(5, 6).forEach(key => { network.found(closest(large, key), HOUR_MS) })

  expect(network.estimate(HOUR_MS)?.measurements).toBe(150)
  expect(network.estimate(2 * HOUR_MS)?.measurements).toBe(5)
  expect(network.estimate(2 * HOUR_MS)?.servers).toBeGreaterThan(1000)
  expect(network.estimate(3 * HOUR_MS)).toBeUndefined()
})

test('peers at no distance are no division by zero', () => {
  const network = new NetworkSize(2)
  new Array(5).fill([new Uint8Array(32), new Uint8Array(32)]).forEach((distances: KadId[]) => { network.found(distances, 0) })

  expect(network.estimate(0)?.servers).toBeGreaterThan(2)
  expect(Number.isNaN(network.estimate(0)?.standardError)).toBe(false)
})
