import { describe, expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { faultyNetwork } from './faulty-network.ts'
import type { FaultyNetwork } from './faulty-network.ts'

const PEERS = 30
const NEAR_MS = 60
const FAR_MS = 900

/** Longer than the soft deadline of a peer that was near, shorter than the answer of one that is far */
const PATIENCE_MS = 600

describe('a caller who gives up before those peers answer that have become slow', () => {
  test.each([1, 10])('makes no peer a poor one, with %i lookups in flight', async inFlight => {
    const { client, counts, recall } = await slowedNetwork()

    const impatient = await lookups(client, 5 + 3 * inFlight, inFlight, { name: 'impatient', signal: () => AbortSignal.timeout(PATIENCE_MS) })
    expect(impatient.some(({ error }) => error !== undefined), 'somebody gave up').toBe(true)
    expect(counts().unacceptable, 'unacceptable after the impatient lookups').toBe(0)

    const patient = await lookups(client, 5, 1, { name: 'patient' })
    expect(patient.map(recall)).toEqual(patient.map(() => 1))
  })
})

test('a peer that answers nobody is found out in spite of impatient callers', async () => {
  const { client, peers, become, counts } = await faultyNetwork(20, { rttMs: 30 })
  const [dead] = peers
  become('silent', [dead])

  await lookups(client, 5, 1, { name: 'impatient', signal: () => AbortSignal.timeout(1_000) })
  expect(counts([dead])).toEqual({ good: 0, neutral: 0, unacceptable: 1 })
})

async function slowedNetwork (): Promise<FaultyNetwork> {
  const network = await faultyNetwork(PEERS, { rttMs: NEAR_MS })
  network.links.setLink(FAR_MS, network.peers.slice(0, PEERS / 2))

  return network
}
