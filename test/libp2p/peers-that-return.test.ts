import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ask } from '../../benchmarks/faults/fault-client.ts'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { faultyNetwork } from './faulty-network.ts'
import type { FaultyNetwork } from './faulty-network.ts'

const PEERS = 40
const GONE = 12
const DEAD = 3

/** So many make a good peer a poor one */
const FAILURES = 3

/** Between the failures of two peers, for others to answer, ms */
const STAGGER_MS = 40

/** A silent peer is given up soon, ms */
const QUICK = { minTimeout: 1_200, maxTimeout: 2_000 }

/** For the others to be given another look, ms */
const SETTLING_MS = 2_000

describe('peers that were silent until they were held poor', () => {
  test('are found again as soon as they return, and none stays poor but the dead', async () => {
    const network = await faultyNetwork(PEERS, { rttMs: 30, init: { networkDialTimeout: QUICK } })
    const { client, peers, become, counts, recall } = network
    const back = peers.slice(0, GONE)
    const dead = peers.slice(GONE, GONE + DEAD)
    await becomePoor(network, [...back, ...dead])

    become('up', back)
    const first = await lookups(client, 10, 1, { name: 'back' })
    await delay(SETTLING_MS)
    const next = await lookups(client, 10, 1, { name: 'settled' })

    expect(mean(first.map(recall)), 'recall of the first ten lookups').toBeGreaterThan(0.9)
    expect(next.map(recall), 'recall of the next').toEqual(next.map(() => 1))
    expect(counts(back).unacceptable).toBe(0)
    expect(counts(dead).unacceptable).toBe(DEAD)
  })
})

/** Each of these peers fails a few times, while others answer */
async function becomePoor ({ client, servers, become, counts }: FaultyNetwork, peers: string[]): Promise<void> {
  const infos = servers.infos.filter(({ id }) => peers.includes(id.toString()))
  const others = servers.infos.filter(({ id }) => !peers.includes(id.toString()))
  become('silent', peers)

  await Promise.all(infos.map(async ({ id }, index) => {
    await delay(index * STAGGER_MS)

    for (let i = 0; i < FAILURES; i++) {
      await ask(client, id).catch(() => {})
      await ask(client, others[index].id)
    }
  }))

  expect(counts(peers).unacceptable, 'poor before their return').toBe(peers.length)
}

function mean (numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
