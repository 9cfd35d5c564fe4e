import { expect, test } from 'vitest'
import { seededRandom } from '../../../../benchmarks/random/seeded-random.ts'
import { ArmClient } from '../../../../benchmarks/simulator/arms/arm-client.ts'
import { OracleClient } from '../../../../benchmarks/simulator/clients/oracle/oracle-client.ts'
import { ScoredClient } from '../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { PresenceProbe } from '../../../../benchmarks/simulator/measures/presence-probe.ts'
import { SmallNetwork } from '../clients/small-network.ts'
import { smallWorld } from '../tables/small-world.ts'
import type { Client } from '../../../../benchmarks/simulator/clients/client.ts'
import type { PresenceCheck } from '../../../../benchmarks/simulator/measures/presence-probe.ts'
import type { SmallNode } from '../tables/small-world.ts'

const NOW = 3_600_000
const ANSWERED = { type: 'responded', latencyMs: 20, setupMs: 0, dialled: false } as const
const GONE = { online: [[0, NOW - 1]] } as const

/** What is found of a client whom all peers but the `silent` ones have answered; `named` were only named to it */
function check (nodes: Array<Omit<SmallNode, 'id'>>, { silent = [], named = [] }: { silent?: number[], named?: number[] }): PresenceCheck {
  const world = smallWorld(nodes.map((node, id) => ({ id, ...node })))
  const client = new ScoredClient({ ...new SmallNetwork().components, world })
  const entryOf = (peer: number): { peer: number, kadId: Uint8Array } => ({ peer, kadId: world.population.kadId(peer) })

  for (const peer of nodes.keys()) {
    if (named.includes(peer)) {
      client.table.namedBy(entryOf(peer), 0, NOW)
    } else if (silent.includes(peer)) {
      client.table.record(entryOf(peer), { type: 'dialFailed', class: 'timeout' }, NOW)
    } else {
      client.table.record(entryOf(peer), ANSWERED, NOW)
    }
  }

  return look({ scored: [client], oracle: [new OracleClient(new SmallNetwork().components)] }, world)[0]
}

function look (clients: Partial<Record<'scored' | 'oracle', Client[]>>, world = new SmallNetwork().components.world): PresenceCheck[] {
  const { connections, clock } = new SmallNetwork().components
  const probe = new PresenceProbe(seededRandom(1, 'test'))
  const armClients = Object.entries(clients).map(([arm, ofArm]) =>
    [arm as 'scored' | 'oracle', ofArm.map(client => new ArmClient({ arm: arm as 'scored' | 'oracle', client, connections, clock, restart: before => before }))] as const)

  probe.onCheckpoint({ world, now: NOW, runMs: 60_000, clients: new Map(armClients) })

  return probe.checks
}

test('a chance that is true has next to no error', () => {
  const { peers, brier, baseBrier, deciles } = check([{}, {}, {}, GONE], { silent: [3] })

  expect(peers).toBe(4)
  expect(brier).toBeLessThan(0.01)
  expect(baseBrier).toBeCloseTo(0.75 * 0.25, 10)
  expect(deciles[9]).toEqual({ peers: 3, chance: expect.closeTo(0.97, 1), alive: 1 })
  expect(deciles[0]).toEqual({ peers: 1, chance: expect.closeTo(0.01, 2), alive: 0 })
  expect(deciles.slice(1, 9).every(decile => decile.peers === 0)).toBe(true)
})

test('a chance that is wrong has one, and those who were only named count too', () => {
  const { peers, brier, deciles } = check([{}, GONE, GONE], { named: [2] })

  expect(peers).toBe(3)
  expect(brier).toBeGreaterThan(0.5)
  expect(deciles.reduce((dead, { peers, alive }) => dead + peers * (1 - alive), 0)).toBeCloseTo(2, 10)
})

test('a reply is judged by who in it is there, and by who is there, known and not in it', () => {
  // all have answered but the last three, and one has left since
  const nodes = Array.from({ length: 24 }, (_, peer) => peer === 0 || peer > 20 ? GONE : {})
  const { namedAreAlive, livingAreNamed } = check(nodes, { silent: [21, 22, 23] })

  expect(namedAreAlive).toBeGreaterThan(0.93)
  expect(namedAreAlive).toBeLessThan(1)
  // a reply has k of the 2k closest known
  expect(livingAreNamed).toBeCloseTo(0.5, 1)
})

test('only clients that give chances are looked at', () => {
  expect(look({ oracle: [new OracleClient(new SmallNetwork().components)] })).toEqual([])
  expect(look({ scored: [new ScoredClient(new SmallNetwork().components)] })).toMatchObject([{ arm: 'scored', atMs: 60_000, peers: 0, brier: 0, namedAreAlive: 0, livingAreNamed: 0 }])
})
