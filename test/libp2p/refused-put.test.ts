import drain from 'it-drain'
import { describe, expect, test } from 'vitest'
import { lookups } from '../../benchmarks/faults/lookups.ts'
import { VALUE_NAMESPACE } from '../../benchmarks/testnet/testnet-records.ts'
import { faultyNetwork } from './faulty-network.ts'
import { scoresOf } from './scores-of.ts'
import type { FaultyNetwork } from './faulty-network.ts'

const PUTS = 6

describe('peers that refuse a value by resetting its stream, as Go does where it has a newer one', () => {
  test('are as good as before, for they answer all else', async () => {
    const network = await faultyNetwork(20)
    const before = scores(network)
    network.peers.forEach(peer => { network.servers.server(peer).internals.refusePuts() })

    for (let i = 0; i < PUTS; i++) {
      await put(network, i)
    }

    expect(network.counts()).toEqual({ good: 20, neutral: 0, unacceptable: 0 })
    scores(network).forEach((score, i) => { expect(score, network.peers[i]).toBeGreaterThan(before[i] - 0.05) })

    const [after] = await lookups(network.client, 1, 1)
    expect(network.recall(after)).toBe(1)
  })

  test('are told from those that reset the connection', async () => {
    const network = await faultyNetwork(20)
    const [broken] = network.peers
    network.become('refuses', [broken])

    for (let i = 0; i < PUTS; i++) {
      await put(network, i)
    }

    expect(network.classes()[broken]).toBe('unacceptable')
    expect(network.counts().good).toBe(19)
  })
})

async function put ({ client }: FaultyNetwork, index: number): Promise<void> {
  const key = new TextEncoder().encode(`/${VALUE_NAMESPACE}/refused ${index}`)

  // where nobody takes the value it may throw
  await drain(client.services.dht.put(key, Uint8Array.of(index))).catch(() => {})
}

function scores ({ client, servers }: FaultyNetwork): number[] {
  return servers.infos.map(({ id }) => scoresOf(client).get(id).score)
}
