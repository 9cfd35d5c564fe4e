import { describe, expect, test } from 'vitest'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { createWorld } from '../../../../benchmarks/simulator/world/create-world.ts'
import { expectedOnlineShare } from '../../../../benchmarks/simulator/world/expected-online-share.ts'
import { endpointIn } from './endpoint-in.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'

const HOUR_MS = 3_600_000
const CONDITIONS = WORLD_CONDITIONS['amino-2022']

function countOnline (nodes: number, conditions: WorldConditions, now: number): number {
  const { population, sessions } = createWorld({ nodes, seed: 1, conditions, startMs: 0 })
  let online = 0

  for (let node = 0; node < population.size; node++) {
    online += sessions.isOnline(node, now) ? 1 : 0
  }

  return online
}

/** What a world says when asked: everything a simulation could see */
function trace (seed: number): unknown[] {
  const { population, sessions, network } = createWorld({ nodes: 300, seed, conditions: CONDITIONS, startMs: -HOUR_MS })
  const client = endpointIn('us-west-2', 1)

  return Array.from({ length: population.size }, (_, node) => [
    Buffer.from(population.kadId(node)).toString('hex'), population.region(node), population.lastMileMs(node),
    population.implementation(node), population.reach(node), population.absence(node), population.habit(node),
    sessions.since(node, 0), sessions.nextChange(node, 0), network.rttMs(client, node),
    network.request(client, node, { connected: false, dialTrips: 4 }, 0)
  ])
}

describe('createWorld', () => {
  test('makes the same world for the same seed, and another for another', () => {
    const [first, again, other] = [trace(1), trace(1), trace(2)]

    expect(again).to.deep.equal(first)
    expect(other.filter((node, i) => JSON.stringify(node) === JSON.stringify(first[i]))).to.deep.equal([])
  })

  test.each<[string, WorldConditions]>([
    ['in 2022', CONDITIONS],
    ['in 2025', WORLD_CONDITIONS['amino-2025']],
    ['with 60% toggling every 3 h', { ...CONDITIONS, churn: { share: 0.6, everyMs: 3 * HOUR_MS } }],
    ['with 80% behind NATs', { ...CONDITIONS, natShare: 0.8 }]
  ])('has as many servers online as are asked for %s', (_, conditions) => {
    expect(countOnline(20_000, conditions, 0) / 20_000).to.be.closeTo(1, 0.025)
    expect(countOnline(20_000, conditions, 30 * HOUR_MS) / 20_000).to.be.closeTo(1, 0.025)
  })

  test('holds those offline besides', () => {
    const { population } = createWorld({ nodes: 1000, seed: 1, conditions: { ...CONDITIONS, stableShare: 0, churnerOnlineShare: 0.25 }, startMs: 0 })

    expect(population.size).to.equal(4000)
  })

  test('needs no more than 80 bytes an identity for a million servers', () => {
    const before = process.memoryUsage()
    const { population, sessions } = createWorld({ nodes: 1_000_000, seed: 1, conditions: CONDITIONS, startMs: 0 })

    for (let node = 0; node < population.size; node++) {
      sessions.isOnline(node, HOUR_MS)
    }

    const after = process.memoryUsage()
    const bytes = after.arrayBuffers - before.arrayBuffers

    expect(population.size).to.equal(Math.round(1_000_000 / expectedOnlineShare(CONDITIONS)))
    // 62 are kept; what else there is or was may be collected meanwhile
    expect(bytes / population.size).to.be.within(40, 80)
    // views of kad ids are made when asked for
    expect((after.heapUsed - before.heapUsed) / population.size).to.be.below(50)
  })

  test.each([0, -1, 1.5, NaN])('refuses %d nodes', nodes => {
    expect(() => createWorld({ nodes, seed: 1, conditions: CONDITIONS, startMs: 0 })).to.throw(RangeError, 'nodes')
  })

  test('refuses a seed and conditions that mean nothing', () => {
    expect(() => createWorld({ nodes: 10, seed: 0.5, conditions: CONDITIONS, startMs: 0 })).to.throw(RangeError, 'seed')
    expect(() => createWorld({ nodes: 10, seed: 1, conditions: { ...CONDITIONS, natShare: 2 }, startMs: 0 })).to.throw(RangeError, 'natShare')
  })
})
