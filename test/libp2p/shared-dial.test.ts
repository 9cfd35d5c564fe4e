import { describe, expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { UNHURRIED, faultyNetwork } from './faulty-network.ts'
import { scoresOf } from './scores-of.ts'
import { scored } from './test-node.ts'
import type { FaultyNetwork } from './faulty-network.ts'
import type { LinkState } from '../../benchmarks/faults/faulty-links.ts'

describe('a peer that fails once', () => {
  test.each<{ how: string, state: LinkState, waiting: number }>([
    { how: 'refuses', state: 'refuses', waiting: 1 },
    { how: 'refuses', state: 'refuses', waiting: 2 },
    { how: 'refuses', state: 'refuses', waiting: 8 },
    { how: 'is silent', state: 'silent', waiting: 8 },
    { how: 'accepts and says nothing', state: 'stalls', waiting: 8 }
  ])('has failed once, where it $how and $waiting lookups wait for the same dial', async ({ state, waiting }) => {
    const network = await faultyNetwork(8, { rttMs: 60 })
    const [peer] = network.peers
    const before = scoreOf(network, peer)
    network.links.reset([peer])
    await expect.poll(() => network.links.size).toBe(7)
    network.links.dials.clear()
    network.become(state, [peer])

    await lookups(network.client, waiting, waiting)
    network.become('up', [peer])

    expect(before).toBeGreaterThan(0.9)
    expect(network.links.dials.get(peer), 'dials').toBe(1)
    expect(scoreOf(network, peer)).toBeGreaterThan(before * 0.6)
    expect(network.counts().good).toBe(8)
  })
})

test('a peer that refuses each time is unacceptable after a few', async () => {
  const network = await faultyNetwork(8, { rttMs: 60 })
  const [peer] = network.peers
  network.become('refuses', [peer])

  await lookups(network.client, 4, 1)
  expect(network.classes()[peer]).toBe('unacceptable')
})

test('a peer that restarts while eight lookups are in flight stays a good one', async () => {
  const network = await faultyNetwork(20, { factory: scored(UNHURRIED), rttMs: 60 })
  const [peer] = network.peers

  await Promise.all([lookups(network.client, 8, 8), network.restart(peer)])
  expect(network.counts().good).toBe(20)

  const after = await lookups(network.client, 3, 1, { name: 'after' })
  expect(after.map(network.recall)).toEqual(after.map(() => 1))
})

function scoreOf ({ client, servers }: FaultyNetwork, peer: string): number {
  const { id } = servers.infos.find(({ id }) => id.toString() === peer)!

  return scoresOf(client).get(id).score
}
