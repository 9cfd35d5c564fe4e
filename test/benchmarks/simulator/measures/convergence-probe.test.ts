import { describe, expect, test } from 'vitest'
import { ArmClient } from '../../../../benchmarks/simulator/arms/arm-client.ts'
import { OracleClient } from '../../../../benchmarks/simulator/clients/oracle/oracle-client.ts'
import { ScoredClient } from '../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { ConvergenceProbe, SINCE_MS } from '../../../../benchmarks/simulator/measures/convergence-probe.ts'
import { SmallNetwork } from '../clients/small-network.ts'
import { smallWorld } from '../tables/small-world.ts'
import type { Client } from '../../../../benchmarks/simulator/clients/client.ts'
import type { ConvergenceCheck } from '../../../../benchmarks/simulator/measures/convergence-probe.ts'
import type { SimulatedArm } from '../../../../benchmarks/simulator/simulation-options.ts'
import type { World } from '../../../../benchmarks/simulator/world/world.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { SmallNode } from '../tables/small-world.ts'

const MINUTE_MS = 60_000
const NOW = 180 * MINUTE_MS
const RUN_MS = 120 * MINUTE_MS

/** One outcome makes a stranger good, leaves it neutral or makes it unacceptable; none is a silence, of which ten in a row would count as our own outage */
const OUTCOMES: Record<string, Outcome> = {
  g: answeredAfter(100),
  n: answeredAfter(5_000),
  p: { type: 'invalidRecord' }
}

/** Twelve peers, always there */
const ALL_ALIVE = worldOf(Array.from({ length: 12 }, () => ({})))

function answeredAfter (latencyMs: number): Outcome {
  return { type: 'responded', latencyMs, setupMs: 0, dialled: false }
}

function worldOf (nodes: Array<Omit<SmallNode, 'id'>>): World {
  return smallWorld(nodes.map((node, id) => ({ id, ...node })))
}

/** A client that had one outcome of each peer, from the first on; undefined where it had none */
function clientWith (world: World, outcomes: Array<Outcome | undefined>, at: (peer: number) => number = () => NOW): ScoredClient {
  const client = new ScoredClient({ ...new SmallNetwork().components, world })

  for (const [peer, outcome] of outcomes.entries()) {
    if (outcome !== undefined) {
      client.table.scores.record(peer, outcome, at(peer))
    }
  }

  return client
}

/** A client that holds each peer good (g), neutral (n) or poor (p), or does not know it (.) */
function clientThatHolds (world: World, opinions: string): ScoredClient {
  return clientWith(world, Array.from(opinions, opinion => OUTCOMES[opinion]))
}

/** A client whom peers answered after so many times 100 ms: the sooner, the higher the score */
function clientThatRanks (latencies: number[]): ScoredClient {
  return clientWith(ALL_ALIVE, latencies.map(latency => answeredAfter(100 * latency)))
}

function look (probe: ConvergenceProbe, world: World, clients: Partial<Record<SimulatedArm, Client[]>>, now = NOW): void {
  const { connections, clock } = new SmallNetwork().components
  const armClients = Object.entries(clients).map(([arm, ofArm]) =>
    [arm as SimulatedArm, ofArm.map(client => new ArmClient({ arm: arm as SimulatedArm, client, connections, clock, restart: before => before }))] as const)

  probe.onCheckpoint({ world, now, runMs: now - (NOW - RUN_MS), clients: new Map(armClients) })
}

function check (world: World, scored: Client[], others: Partial<Record<SimulatedArm, Client[]>> = {}): ConvergenceCheck {
  const probe = new ConvergenceProbe()

  look(probe, world, { ...others, scored })

  return probe.checks[0]
}

describe('agreement', () => {
  const agreementOf = (...opinions: string[]): number | undefined => check(ALL_ALIVE, opinions.map(held => clientThatHolds(ALL_ALIVE, held))).agreement

  test('is the share of common peers that both hold good or both hold poor, those left out that either holds neutral or does not know', () => {
    expect(agreementOf(
      'gggggpppnng.',
      'gggpppgpgn.g'
    )).toBeCloseTo(5 / 8, 10)
  })

  test('is the mean of the pairs', () => {
    expect(agreementOf('gggggggggg', 'gggggggggg', 'pppppppppp')).toBeCloseTo(1 / 3, 10)
  })

  test('is of each client and the next three', () => {
    expect(agreementOf('gggggggggg', '', '', 'pppppppppp', '')).toBe(0)
    expect(agreementOf('gggggggggg', '', '', '', 'pppppppppp')).toBeUndefined()
  })

  test('takes ten common peers to tell, and some that neither holds neutral', () => {
    expect(agreementOf('gggggggggg..', 'gggggggggg..')).toBe(1)
    expect(agreementOf('gggggggggg..', '.ggggggggggg')).toBeUndefined()
    expect(agreementOf('gggggnnnnn', 'nnnnnggggg')).toBeUndefined()
  })

  test('leaves out the pairs that cannot tell', () => {
    expect(agreementOf('gggggggggg', 'gggggggggg', 'ggggg')).toBe(1)
  })
})

describe('rankCorrelation', () => {
  const correlationOf = (...clients: Client[]): number | undefined => check(ALL_ALIVE, clients).rankCorrelation

  test('is 1 where both have the same order, whatever the scores, and -1 where it is the reverse', () => {
    const ascending = clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

    expect(correlationOf(ascending, clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 40]))).toBeCloseTo(1, 10)
    expect(correlationOf(ascending, clientThatRanks([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]))).toBeCloseTo(-1, 10)
  })

  test('is Spearman\'s', () => {
    // by the squares of the ten differences of rank, all of them 1
    expect(correlationOf(clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), clientThatRanks([2, 1, 4, 3, 6, 5, 8, 7, 10, 9])))
      .toBeCloseTo(1 - 6 * 10 / (10 * (10 ** 2 - 1)), 10)
  })

  test('is the mean of the pairs', () => {
    expect(correlationOf(
      clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      clientThatRanks([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    )).toBeCloseTo(-1 / 3, 10)
  })

  test('is of the scores of that moment: the peer that failed the longest ago has recovered the most', () => {
    const failures = clientWith(ALL_ALIVE, Array.from({ length: 10 }, () => OUTCOMES.p), peer => NOW - (10 - peer) * MINUTE_MS)

    expect(correlationOf(failures, clientThatRanks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))).toBeCloseTo(1, 10)
  })

  test('is unknown where one has the same score of all, and of fewer than ten common peers', () => {
    const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9]

    expect(correlationOf(clientThatRanks([...nine, 10]), clientThatHolds(ALL_ALIVE, 'gggggggggg'))).toBeUndefined()
    expect(correlationOf(clientThatRanks(nine), clientThatRanks(nine))).toBeUndefined()
  })
})

describe('goodAreAlive and poorAreDead', () => {
  /** Two that would answer, one of them through a relay; one that is offline; one that nobody can dial */
  const world = worldOf([{}, { reach: 'relayed' }, { online: [] }, { reach: 'unreachable' }])

  test('are shares of all that any client holds good or poor', () => {
    const { goodAreAlive, poorAreDead } = check(world, ['gggg', 'g...', 'n.pp', 'p...', '..p.'].map(held => clientThatHolds(world, held)))

    expect(goodAreAlive).toBeCloseTo(3 / 5, 10)
    expect(poorAreDead).toBeCloseTo(3 / 4, 10)
  })

  test('count nobody who is held neutral', () => {
    const { goodAreAlive, poorAreDead } = check(world, [clientThatHolds(world, 'gpng'), clientThatHolds(world, 'nnpn')])

    expect(goodAreAlive).toBe(1 / 2)
    expect(poorAreDead).toBe(1 / 2)
  })

  test('take a peer for what its score makes of it at that moment', () => {
    const failedLongAgo = clientWith(world, [OUTCOMES.p], () => NOW - 20 * MINUTE_MS)

    expect(check(world, [failedLongAgo, clientThatHolds(world, '..p.')]).poorAreDead).toBe(1)
  })

  test('are 0 where nobody is held so', () => {
    expect(check(world, [clientThatHolds(world, 'nnnn')])).toMatchObject({ goodAreAlive: 0, poorAreDead: 0 })
  })
})

describe('a checkpoint', () => {
  test('is of the clients of scored alone', () => {
    const good = clientThatHolds(ALL_ALIVE, 'gggggggggg')
    const poor = clientThatHolds(ALL_ALIVE, 'pppppppppp')

    expect(check(ALL_ALIVE, [good, good], { 'scored-warm': [poor, poor] })).toEqual(check(ALL_ALIVE, [good, good]))
    expect(check(ALL_ALIVE, [new OracleClient(new SmallNetwork().components)])).toEqual(check(ALL_ALIVE, []))
  })

  test('is told with its time in the run, one after the other', () => {
    const probe = new ConvergenceProbe()
    const clients = { scored: [clientThatHolds(ALL_ALIVE, 'gggggggggg')] }

    look(probe, ALL_ALIVE, clients)
    look(probe, ALL_ALIVE, clients, NOW + MINUTE_MS)

    expect(probe.checks.map(({ atMs }) => atMs)).toEqual([RUN_MS, RUN_MS + MINUTE_MS])
  })

  test('knows nothing while there is no client of scored', () => {
    const probe = new ConvergenceProbe()

    look(probe, ALL_ALIVE, {})

    expect(probe.checks).toEqual([{ atMs: RUN_MS, rankCorrelation: undefined, agreement: undefined, goodAreAlive: 0, poorAreDead: 0 }])
    expect(probe.noticed).toEqual(SINCE_MS.map(withinMs => ({ withinMs, gone: undefined, back: undefined })))
  })
})

describe('noticed', () => {
  const gone = (minutes: number): Omit<SmallNode, 'id'> => ({ online: [[0, NOW - minutes * MINUTE_MS]] })
  const back = (minutes: number): Omit<SmallNode, 'id'> => ({ online: [[NOW - minutes * MINUTE_MS, Infinity]] })

  function noticedOf (nodes: Array<Omit<SmallNode, 'id'>>, ...opinions: string[]): Record<number, { gone?: number, back?: number }> {
    const probe = new ConvergenceProbe()
    const world = worldOf(nodes)

    look(probe, world, { scored: opinions.map(held => clientThatHolds(world, held)) })

    return byMinutes(probe)
  }

  /** Those that are known */
  function byMinutes ({ noticed }: ConvergenceProbe): Record<number, { gone?: number, back?: number }> {
    return Object.fromEntries(noticed
      .filter(({ gone, back }) => gone !== undefined || back !== undefined)
      .map(({ withinMs, gone, back }) => [withinMs / MINUTE_MS, { gone, back }]))
  }

  test('is the share held poor of those that went, and the share not held poor of those that came', () => {
    expect(noticedOf([gone(3), gone(3), gone(4), gone(5), back(2), back(3), back(5)], 'gnp.gn.', 'pgpppgn')).toEqual({ 5: { gone: 4 / 7, back: 4 / 5 } })
  })

  test.each([[0.5, 1], [1, 1], [1.01, 5], [5, 5], [5.01, 15], [15, 15], [15.01, 30], [30, 30], [30.01, 60], [60, 60], [60.01, 120], [120, 120]])('puts a change of %d minutes ago among those of %i at most', (minutes, within) => {
    expect(noticedOf([gone(minutes), back(minutes)], 'pp')).toEqual({ [within]: { gone: 1, back: 0 } })
  })

  test('leaves out whoever changed longer ago, and was never to be dialled', () => {
    expect(noticedOf([gone(120.01), back(120.01), {}, { ...gone(1), reach: 'unreachable' }, { ...back(1), reach: 'unreachable' }], 'ppppp')).toEqual({})
  })

  test('counts those behind a relay', () => {
    expect(noticedOf([{ ...gone(1), reach: 'relayed' }, { ...back(1), reach: 'relayed' }], 'pp')).toEqual({ 1: { gone: 1, back: 0 } })
  })

  test('adds all checkpoints up', () => {
    const probe = new ConvergenceProbe()
    const world = worldOf([gone(4)])

    look(probe, world, { scored: [clientThatHolds(world, 'g')] })
    look(probe, world, { scored: [clientThatHolds(world, 'p')] }, NOW + MINUTE_MS)
    // held poor still, and gone for longer by now
    look(probe, world, { scored: [clientThatHolds(world, 'p')] }, NOW + 2 * MINUTE_MS)

    expect(byMinutes(probe)).toEqual({ 5: { gone: 1 / 2 }, 15: { gone: 1 } })
  })
})

describe('loadOf', () => {
  test('is Gini\'s coefficient of each arm\'s requests, over all nodes', () => {
    const probe = new ConvergenceProbe()

    for (const node of [1, 1, 2, 1]) {
      probe.onRequest('scored', node)
    }

    for (const node of [0, 1, 2, 3]) {
      probe.onRequest('kad-dht', node)
    }

    const load = probe.loadOf(4)

    // of 0, 0, 1 and 3 requests: half the mean difference, 20 / 16, over the mean, 1
    expect(load.scored).toBeCloseTo(0.625, 10)
    expect(load['kad-dht']).toBeCloseTo(0, 10)
    expect(Object.keys(load)).toEqual(['scored', 'kad-dht'])
  })

  test('is over those that were asked where they are more', () => {
    const probe = new ConvergenceProbe()

    probe.onRequest('scored', 0)
    probe.onRequest('scored', 1)

    expect(probe.loadOf(1).scored).toBeCloseTo(0, 10)
  })
})
