import { beforeEach, describe, expect, test } from 'vitest'
import { AnswersFirst } from '../../../../benchmarks/simulator/attacks/answers-first.ts'
import { randomKey } from '../../../../benchmarks/simulator/random-key.ts'
import { attackedScene, endpoint } from './attacked-scene.ts'
import type { Attack } from '../../../../benchmarks/simulator/attacks/attack.ts'

const K = 20
const DUE_MS = 600_000
const UNTIL_MS = 780_000
const scene = attackedScene(500)
const { population, sessions } = scene.world
const key = randomKey(1, 'closest-peers', 0)
const other = randomKey(1, 'closest-peers', 1)

function attackWith (share?: number): Attack {
  return new AnswersFirst({ scene, seed: 1, k: K, share, duringMs: { from: 0, to: UNTIL_MS } })
}

function hostileTo (attack: Attack): number[] {
  return population.closest(key, population.size, node => attack.isHostile(node, key))
}

describe('a coalition that answers first', () => {
  let attack: Attack

  beforeEach(() => {
    attack = attackWith()
    attack.besiege({ key, index: 0, dueAtMs: DUE_MS, untilMs: UNTIL_MS })
  })

  test('is a fifth of the k closest living peers to the key, or the share that was said', () => {
    const closest = population.closest(key, K, node => population.reach(node) !== 'unreachable' && sessions.isOnline(node, DUE_MS))
    const more = attackWith(0.5)

    more.besiege({ key, index: 0, dueAtMs: DUE_MS, untilMs: UNTIL_MS })

    expect(hostileTo(attack)).toHaveLength(4)
    expect(closest).toEqual(expect.arrayContaining(hostileTo(attack)))
    expect(hostileTo(more)).toHaveLength(10)
  })

  test('names nobody to those who search for the key', () => {
    for (const node of hostileTo(attack)) {
      expect(attack.scene.tables.named(node, key, K)).toEqual([])
    }
  })

  test('names only each other for every second key', () => {
    const second = attackWith()

    second.besiege({ key, index: 1, dueAtMs: DUE_MS, untilMs: UNTIL_MS })

    const hostile = hostileTo(second)

    expect(hostile).toHaveLength(4)
    hostile.forEach(node => { expect(second.scene.tables.named(node, key, K)).toEqual(hostile.filter(peer => peer !== node)) })
  })

  test('answers for other keys as anybody would, and is hostile to nobody who searches for them', () => {
    for (const node of hostileTo(attack)) {
      expect(attack.scene.tables.named(node, other, K)).toEqual(scene.tables.named(node, other, K))
      expect(attack.isHostile(node, other)).toBe(false)
    }
  })

  test('leaves the answers of all others as they are', () => {
    const honest = population.closest(key, K, node => !attack.isHostile(node, key))

    honest.forEach(node => { expect(attack.scene.tables.named(node, key, K)).toEqual(scene.tables.named(node, key, K)) })
  })

  test('answers at once while the key is searched for, and else like anybody', () => {
    const [node] = hostileTo(attack)
    const request = (from: Attack['scene'], atMs: number): unknown => from.world.network.request(endpoint, node, { connected: false, dialTrips: 3 }, atMs)

    expect(request(attack.scene, DUE_MS + 1)).toEqual({ firstSignMs: 20, connectedMs: 60, answeredMs: 80, refusedMs: Infinity })
    expect(attack.scene.world.network.request(endpoint, node, { connected: true, dialTrips: 3 }, DUE_MS + 1)).toMatchObject({ connectedMs: 0, answeredMs: 20 })
    expect(request(attack.scene, DUE_MS - 60_000)).toEqual(request(scene, DUE_MS - 60_000))
    expect(request(attack.scene, UNTIL_MS + 1)).toEqual(request(scene, UNTIL_MS + 1))
  })

  test('is the same with the same seed', () => {
    const again = attackWith()

    again.besiege({ key, index: 0, dueAtMs: DUE_MS, untilMs: UNTIL_MS })

    expect(hostileTo(again)).toEqual(hostileTo(attack))
  })
})
