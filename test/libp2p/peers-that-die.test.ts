import { describe, expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { faultyNetwork } from './faulty-network.ts'
import type { LinkState } from '../../benchmarks/faults/faulty-links.ts'

/** A silent peer is given up soon, ms */
const QUICK = { minTimeout: 1_500, maxTimeout: 2_000 }

/** As everywhere: half of the dead are silent, a quarter each refuses and stalls */
const WAYS: LinkState[] = ['silent', 'silent', 'refuses', 'stalls']

describe('peers that die, which is no outage of our own', () => {
  test.each([
    { dead: 5, known: 8, within: 4 },
    { dead: 12, known: 20, within: 6 }
  ])('are unacceptable after $within lookups, where $dead of $known died', async ({ dead: count, known, within }) => {
    const { client, peers, become, counts, recall } = await faultyNetwork(known, { rttMs: 30, init: { networkDialTimeout: QUICK } })
    const dead = peers.slice(0, count)
    const alive = peers.slice(count)
    dead.forEach((peer, index) => { become(WAYS[index % WAYS.length], [peer]) })

    const results = await lookups(client, within, 1)

    expect(counts(dead)).toEqual({ good: 0, neutral: 0, unacceptable: count })
    expect(counts(alive).good).toBe(alive.length)
    expect(results.map(recall)).toEqual(results.map(() => 1))
  })
})

test('peers that all die and return are found at once', async () => {
  const { client, peers, become, counts, recall } = await faultyNetwork(8, { rttMs: 30 })
  become('refuses', peers)
  await lookups(client, 4, 1, { name: 'alone' })

  become('up', peers)
  const back = await lookups(client, 3, 1, { name: 'back' })
  expect(back.map(recall)).toEqual([1, 1, 1])
  expect(counts().unacceptable).toBe(0)
})
