import { describe, expect, test } from 'vitest'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { ModelledNetwork } from '../../../../benchmarks/simulator/world/modelled-network.ts'
import { REGIONS } from '../../../../benchmarks/simulator/world/regions.ts'
import { endpointIn } from './endpoint-in.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'
import type { RequestCourse } from '../../../../benchmarks/simulator/world/network.ts'
import type { Absence, Habit, Population, Reach } from '../../../../benchmarks/simulator/world/population.ts'

/** Nothing is left to chance: 5 ms of work for everybody, and no queues */
const EXACT: WorldConditions = {
  ...WORLD_CONDITIONS['amino-2025'],
  // where all relays are
  regionShares: { 'us-east-1': 1 },
  rttJitter: 0,
  workMedianMs: 5,
  workSigma: 0,
  overloadedShare: 0
}

const CLIENT = endpointIn('eu-central-1', 2)
/** 92 ms between the regions, and last miles of 2 and 6 ms */
const RTT_MS = 100
const WORK_MS = 5
const NEVER: RequestCourse = { firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity }

interface Node {
  isOnline?: boolean
  reach?: Reach
  absence?: Absence
  habit?: Habit
}

/** All nodes are alike, in us-east-1 */
function networkOf ({ isOnline = true, reach = 'public', absence = 'silent', habit = 'none' }: Node, conditions = EXACT): ModelledNetwork {
  const unused = (): never => { throw new Error('Not asked by a network') }
  const population: Population = {
    size: 1000,
    kadId: unused,
    head: unused,
    region: () => REGIONS.indexOf('us-east-1'),
    lastMileMs: () => 6,
    implementation: unused,
    reach: () => reach,
    absence: () => absence,
    habit: () => habit,
    range: unused,
    closest: unused
  }

  return new ModelledNetwork({ population, sessions: { isOnline: () => isOnline, since: unused }, seed: 1, conditions })
}

function dial (node: Node, conditions = EXACT): RequestCourse {
  return networkOf(node, conditions).request(CLIENT, 0, { connected: false, dialTrips: 4 }, 0)
}

function ask (node: Node, conditions = EXACT): RequestCourse {
  return networkOf(node, conditions).request(CLIENT, 0, { connected: true, dialTrips: 4 }, 0)
}

describe('the round trip time of a ModelledNetwork', () => {
  test('is that of the regions with both last miles', () => {
    expect(networkOf({}).rttMs(CLIENT, 0)).to.equal(RTT_MS)
  })

  test('stays the same for a pair, whatever a request meets', () => {
    const network = networkOf({}, { ...EXACT, rttJitter: 0.5 })
    const courses = [1, 2].map(now => network.request(CLIENT, 0, { connected: true, dialTrips: 4 }, now).answeredMs)

    expect(courses[0]).not.to.equal(courses[1])
    expect(network.rttMs(CLIENT, 0)).to.equal(RTT_MS)
  })
})

describe('a request over a connection', () => {
  test('takes a round trip and the work', () => {
    expect(ask({})).to.deep.equal({ firstSignMs: 0, connectedMs: 0, answeredMs: RTT_MS + WORK_MS, refusedMs: Infinity })
  })

  test.each(['relayed', 'unreachable'] as const)('is answered by a node that is %s: the connection is there', reach => {
    expect(ask({ reach }).answeredMs).to.equal(RTT_MS + WORK_MS)
  })

  test('becomes a dial when the node has gone', () => {
    expect(ask({ isOnline: false, absence: 'refuses' })).to.deep.equal(dial({ isOnline: false, absence: 'refuses' }))
    expect(ask({ isOnline: false, absence: 'silent' })).to.deep.equal(NEVER)
  })
})

describe('a dial', () => {
  test('to a public node takes its round trips, then those of the request', () => {
    expect(dial({})).to.deep.equal({ firstSignMs: RTT_MS, connectedMs: 4 * RTT_MS, answeredMs: 5 * RTT_MS + WORK_MS, refusedMs: Infinity })
  })

  test('to a relayed node dials the relay, goes over it, and dials the node', () => {
    // both the relay and the node are 92 ms away; 4 ms from one to the other
    const relayMs = 92 + 2 + 1
    const pathMs = relayMs + 4 + 1 + 6
    const connectedMs = 4 * relayMs + 5.5 * pathMs + 4 * RTT_MS

    expect(dial({ reach: 'relayed' })).to.deep.equal({ firstSignMs: relayMs, connectedMs, answeredMs: connectedMs + RTT_MS + WORK_MS, refusedMs: Infinity })
  })

  test.each([true, false])('to an unreachable node never shows a sign of life, whether it is online (%s) or not', isOnline => {
    expect(dial({ reach: 'unreachable', isOnline, absence: 'refuses' })).to.deep.equal(NEVER)
  })

  test('to one that has gone is refused after a round trip, by the node\'s host', () => {
    expect(dial({ isOnline: false, absence: 'refuses' })).to.deep.equal({ ...NEVER, firstSignMs: RTT_MS, refusedMs: RTT_MS })
  })

  test('to one that has gone stays silent', () => {
    expect(dial({ isOnline: false, absence: 'silent' })).to.deep.equal(NEVER)
    expect(dial({ isOnline: false, absence: 'silent', reach: 'relayed' })).to.deep.equal(NEVER)
  })

  test('to one that has gone stalls after a sign of life', () => {
    expect(dial({ isOnline: false, absence: 'stalls' })).to.deep.equal({ ...NEVER, firstSignMs: RTT_MS })
    expect(dial({ isOnline: false, absence: 'stalls', reach: 'relayed' })).to.deep.equal({ ...NEVER, firstSignMs: 95 })
  })

  test('to a relayed one that has gone is refused by its relay, once that is dialled', () => {
    expect(dial({ isOnline: false, absence: 'refuses', reach: 'relayed' })).to.deep.equal({ ...NEVER, firstSignMs: 95, refusedMs: 5 * 95 })
  })
})

describe('the answer', () => {
  const manyOf = (node: Node, conditions: WorldConditions): number[] => {
    const network = networkOf(node, conditions)

    return Array.from({ length: 20_000 }, (_, i) => network.request(CLIENT, i % 1000, { connected: true, dialTrips: 4 }, i / 3).answeredMs).sort((a, b) => a - b)
  }

  test('of a slow node comes 2 to 4 s later', () => {
    const times = manyOf({ habit: 'slow' }, EXACT)

    expect(times[0]).to.be.within(RTT_MS + WORK_MS + 2000, RTT_MS + WORK_MS + 2010)
    expect(times[10_000]).to.be.closeTo(RTT_MS + WORK_MS + 3000, 50)
    expect(times[19_999]).to.be.within(RTT_MS + WORK_MS + 3990, RTT_MS + WORK_MS + 4000)
  })

  test('of one that lies comes like any other', () => {
    expect(ask({ habit: 'lies' })).to.deep.equal(ask({}))
  })

  test('takes log-normal work', () => {
    const times = manyOf({}, { ...EXACT, workSigma: 1 })

    expect(times[10_000] - RTT_MS).to.be.closeTo(5, 0.3)
    expect(times[Math.floor(0.8413 * 20_000)] - RTT_MS).to.be.closeTo(5 * Math.E, 1)
  })

  test('takes longer at overloaded nodes, as many as there are, always the same', () => {
    const conditions = { ...EXACT, overloadedShare: 0.2, overloadedMedianMs: 300 }
    const network = networkOf({}, conditions)
    const timeOf = (node: number): number => network.request(CLIENT, node, { connected: true, dialTrips: 4 }, 0).answeredMs
    const times = Array.from({ length: 1000 }, (_, node) => timeOf(node))

    expect(new Set(times)).to.deep.equal(new Set([RTT_MS + 5, RTT_MS + 300]))
    expect(times.filter(time => time === RTT_MS + 300).length / 1000).to.be.closeTo(0.2, 0.05)
    expect(times.map((_, node) => timeOf(node))).to.deep.equal(times)
  })

  test('is that of the node and the moment: what others asked before changes nothing', () => {
    const timeOf = (network: ModelledNetwork, node: number, now: number): number =>
      network.request(CLIENT, node, { connected: true, dialTrips: 4 }, now).answeredMs
    const conditions = { ...EXACT, workSigma: 1, rttJitter: 0.1 }
    const busy = networkOf({}, conditions)

    for (let now = 0; now < 100; now++) {
      timeOf(busy, now % 7, now)
    }

    const expected = timeOf(busy, 5, 1000.25)

    expect(timeOf(networkOf({}, conditions), 5, 1000.25)).to.equal(expected)
    expect(timeOf(busy, 5, 1000.5)).not.to.equal(expected)
    expect(timeOf(busy, 6, 1000.25)).not.to.equal(expected)
  })

  test('waits in queues for the share of the round trip that the conditions say, on average', () => {
    const times = manyOf({}, { ...EXACT, rttJitter: 0.1 })

    expect(times[0]).to.be.at.least(RTT_MS + WORK_MS)
    expect(times.reduce((sum, time) => sum + time, 0) / times.length - WORK_MS).to.be.closeTo(RTT_MS * 1.1, 0.5)
  })
})
