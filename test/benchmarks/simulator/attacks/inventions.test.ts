import { describe, expect, test } from 'vitest'
import { Inventions } from '../../../../benchmarks/simulator/attacks/inventions.ts'
import { randomKey } from '../../../../benchmarks/simulator/random-key.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import { attackedScene, endpoint } from './attacked-scene.ts'

const K = 20
const HOUR_MS = 3_600_000
const scene = attackedScene(500)
const real = scene.world.population
const key = randomKey(1, 'closest-peers', 0)
const other = randomKey(1, 'closest-peers', 1)

function attackWith ({ share, seed = 1 }: { share?: number, seed?: number } = {}): Inventions {
  return new Inventions({ scene, seed, k: K, share, duringMs: { from: 0, to: HOUR_MS } })
}

describe('an inventor', () => {
  const attack = attackWith()
  const [inventor] = attack.known
  const { world: { population, sessions, network }, tables } = attack.scene
  const invented = tables.named(inventor, key, K)

  test('is one real peer that all know, and that stays for the whole run', () => {
    expect(attack.known).toHaveLength(1)
    expect(attack.isHostile(inventor)).toBe(true)
    expect(attack.exists(inventor)).toBe(true)
    expect(real.reach(inventor)).toBe('public')

    for (let now = 0; now <= HOUR_MS; now += 300_000) {
      expect(scene.world.sessions.isOnline(inventor, now)).toBe(true)
    }
  })

  test('names a thousand peers, each of another kad id, and none of them exists', () => {
    expect(invented).toHaveLength(1000)
    expect(new Set(invented.map(node => population.kadId(node).join())).size).toBe(1000)
    expect(invented.some(node => attack.exists(node))).toBe(false)
    expect(invented.some(node => attack.isHostile(node))).toBe(false)
  })

  test('names none that is further from the target than the closest real peer', () => {
    const [closest] = real.closest(key, 1)

    expect(invented.every(node => compareDistance(key, population.kadId(node), real.kadId(closest)) < 0)).toBe(true)
    expect(tables.named(inventor, other, K).every(node => compareDistance(other, population.kadId(node), real.kadId(real.closest(other, 1)[0])) < 0)).toBe(true)
  })

  test('names the same again, and others for another key', () => {
    expect(tables.named(inventor, key, K)).toEqual(invented)
    expect(tables.named(inventor, other, K).filter(node => invented.includes(node))).toEqual([])
  })

  test('invents the same ids whoever asks first for what', () => {
    const later = attackWith()

    later.scene.tables.named(inventor, other, K)

    const ids = later.scene.tables.named(inventor, key, K).map(node => later.scene.world.population.kadId(node))

    expect(ids).toEqual(invented.map(node => population.kadId(node)))
    expect(population.kadId(invented[0])).toBe(population.kadId(invented[0]))
  })

  test('invents peers that never are there and never answer, not even with a refusal', () => {
    expect(sessions.isOnline(invented[7], 1000)).toBe(false)
    expect(network.request(endpoint, invented[7], { connected: false, dialTrips: 3 }, 1000))
      .toEqual({ firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity })
  })

  test('answers at once', () => {
    expect(network.request(endpoint, inventor, { connected: false, dialTrips: 3 }, 1000).answeredMs).toBe(80)
  })

  test('leaves all others as they are', () => {
    const node = (inventor + 1) % real.size

    expect(tables.named(node, key, K)).toEqual(scene.tables.named(node, key, K))
    expect(population.kadId(node)).toBe(real.kadId(node))
    expect(population.closest(key, K)).toEqual(real.closest(key, K))
    expect(network.request(endpoint, node, { connected: false, dialTrips: 3 }, 1000)).toEqual(scene.world.network.request(endpoint, node, { connected: false, dialTrips: 3 }, 1000))
  })
})

test('a share of all nodes may invent as well', () => {
  const attack = attackWith({ share: 0.1 })
  const inventors = Array.from({ length: real.size }, (_, node) => node).filter(node => attack.isHostile(node))

  expect(inventors.length / real.size).toBeCloseTo(0.1, 1)
  expect(inventors.every(node => attack.scene.tables.named(node, key, K).length === 1000)).toBe(true)
})
