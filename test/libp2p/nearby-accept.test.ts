import { describe, expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { faultyNetwork } from './faulty-network.ts'
import type { Link } from '../../benchmarks/faults/faulty-links.ts'

const PEERS = 60

/** As behind a CDN's edge, a VPN or a proxy: who accepts is near, who answers is far */
const ACCEPTED_NEARBY: Link = { connectMs: 11, dataMs: () => 250 + 100 * Math.random() }

describe('peers whose connections are accepted nearby, while they are far away', () => {
  test('are all found by a newcomer, by every lookup', async () => {
    const { client, counts, recall } = await faultyNetwork(PEERS, { link: ACCEPTED_NEARBY, met: 0, toldOf: 5 })

    const found = await lookups(client, 12, 1)
    expect(found.map(recall)).toEqual(found.map(() => 1))
    expect(counts().unacceptable).toBe(0)
  })

  test('are all found by a node that knows others, which are near', async () => {
    const { client, links, peers, counts, recall } = await faultyNetwork(PEERS, { rttMs: 30, met: PEERS / 2 })
    links.setLink(ACCEPTED_NEARBY, peers.slice(PEERS / 2))

    const found = await lookups(client, 12, 1)
    expect(found.map(recall)).toEqual(found.map(() => 1))
    expect(counts().unacceptable).toBe(0)
  })
})
