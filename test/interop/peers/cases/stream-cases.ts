import { describe, expect, test, vi } from 'vitest'
import { kadDHTInternals } from '../../../../src/kad-dht/internals.ts'
import { BOTH, request, scored } from '../../../libp2p/test-node.ts'
import { meet, SOON, startNode } from '../meet.ts'
import { watchOutcomes } from './watch-outcomes.ts'
import type { ForeignPeer } from '../foreign-peer.ts'
import type { ForeignSuite } from '../foreign-peer-suite.ts'
import type { TestNode } from '../../../conformance/test-network.ts'

/** How long a server of ours leaves a stream open that nobody uses, ms. By default it is 10 s. */
const IDLE_MS = 300

/** More than any of them allows at a time: Rust allows 32 streams of a connection */
const MANY = 100

/**
 * How long streams are kept, and how many there may be
 */
export function streamCases ({ protocol, peer }: ForeignSuite): void {
  describe.each(Object.entries(BOTH))('streams to %s', (_, factory) => {
    test('it asks again after we have ended the stream that it kept', async () => {
      const [foreign, third] = [await peer(), await peer()]
      const node = await startNode(factory, protocol)
      // kad-dht has an option for this, and does not read it
      Object.assign((node.services.dht as unknown as { rpc: object }).rpc, { incomingMessageTimeout: IDLE_MS })
      await meet(node, foreign, third)
      const key = third.id.toMultihash().bytes

      for (let round = 0; round < 3; round++) {
        expect((await foreign.perform({ operation: 'closest-peers', key })).found).toContain(String(node.peerId))
        await vi.waitFor(() => { expect(streamsWith(node, foreign, protocol, 'inbound')).toBe(0) }, SOON)
      }
    })

    test('it asks again after its connections are gone', async () => {
      const [foreign, third] = [await peer(), await peer()]
      const node = await startNode(factory, protocol)
      await meet(node, foreign, third)
      const key = third.id.toMultihash().bytes

      for (let round = 0; round < 3; round++) {
        expect((await foreign.perform({ operation: 'closest-peers', key })).found).toContain(String(node.peerId))
        await foreign.dropConnections()
        await vi.waitFor(() => { expect(node.getConnections(foreign.id)).toEqual([]) }, SOON)
      }
    })
  })

  describe('streams of scoredKadDHT', () => {
    test('many requests at once succeed, leave no stream open, and none counts as a failure', async () => {
      const foreign = await peer()
      const node = await startNode(scored(), protocol)
      const outcomes = watchOutcomes(node)
      await meet(node, foreign)

      expect(await ask(node, foreign, MANY)).toBe(MANY)
      expect(outcomes()).toEqual(['responded'])
      await vi.waitFor(() => { expect(streamsWith(node, foreign, protocol, 'outbound')).toBe(0) }, SOON)
    })

    test('requests after its connections are gone succeed, and none counts as a failure', async () => {
      const foreign = await peer()
      const node = await startNode(scored(), protocol)
      const outcomes = watchOutcomes(node)
      await meet(node, foreign)

      for (let round = 0; round < 3; round++) {
        expect(await ask(node, foreign, 3)).toBe(3)
        await foreign.dropConnections()
      }

      expect(outcomes()).toEqual(['responded'])
    })
  })
}

/** @returns How many of so many requests at once were answered */
async function ask (node: TestNode, peer: ForeignPeer, count: number): Promise<number> {
  const { network } = kadDHTInternals(node.services.dht)
  const answers = await Promise.all(Array.from({ length: count }, async (_, i) => {
    for await (const event of request(network, peer.id, { type: 'FIND_NODE', key: new Uint8Array(32).fill(i) })) {
      if (event.name === 'PEER_RESPONSE') {
        return 1
      }
    }

    return 0
  }))

  return answers.reduce<number>((sum, answered) => sum + answered, 0)
}

function streamsWith (node: TestNode, peer: ForeignPeer, protocol: string, direction: 'inbound' | 'outbound'): number {
  return node.getConnections(peer.id).flatMap(({ streams }) => streams).filter(stream => stream.protocol === protocol && stream.direction === direction).length
}
