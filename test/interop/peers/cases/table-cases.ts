import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { BOTH } from '../../../libp2p/test-node.ts'
import { meet, SOON, startNode, tableOf } from '../meet.ts'
import type { ForeignSuite } from '../foreign-peer-suite.ts'

/**
 * Who is in whose table, when we change our mode and when time passes
 */
export function tableCases ({ protocol, peer, dropsClients }: ForeignSuite): void {
  describe.each(Object.entries(BOTH))('tables beside %s', (_, factory) => {
    test(`it takes us in when we become a server${dropsClients ? ', and drops us when we are a client again' : ''}`, async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol, { clientMode: true })
      const id = String(node.peerId)
      await meet(node, foreign)

      // by the time that it knows a later server, it would know us too
      const later = await startNode(factory, protocol)
      await meet(later, foreign)
      expect(await foreign.table()).toEqual([String(later.peerId)])

      await node.services.dht.setMode('server')
      await vi.waitFor(async () => { expect(await foreign.table()).toContain(id) }, SOON)

      await node.services.dht.setMode('client')

      if (dropsClients) {
        await vi.waitFor(async () => { expect(await foreign.table()).toEqual([String(later.peerId)]) }, SOON)
      }

      expect(tableOf(node)).toEqual([String(foreign.id)])
    })

    test('we take in no client of its kind', async () => {
      const client = await peer({ mode: 'client' })
      const node = await startNode(factory, protocol)
      await node.dial(client.multiaddrs)
      const server = await peer()
      await meet(node, server)

      expect(tableOf(node)).toEqual([String(server.id)])
    })

    test('both keep each other through searches, refreshes and lost connections', async () => {
      const [foreign, third] = [await peer(), await peer()]
      const node = await startNode(factory, protocol)
      await meet(node, foreign, third)

      for (let round = 0; round < 3; round++) {
        await foreign.perform({ operation: 'closest-peers', key: third.id.toMultihash().bytes })
        await foreign.refresh()
        await all(node.services.dht.getClosestPeers(third.id.toMultihash().bytes))
        await node.services.dht.refreshRoutingTable()
        await foreign.dropConnections()
      }

      // it dials us again
      await foreign.perform({ operation: 'closest-peers', key: third.id.toMultihash().bytes })
      expect(await foreign.table()).toContain(String(node.peerId))
      expect(tableOf(node).sort()).toEqual([foreign, third].map(({ id }) => String(id)).sort())
    })
  })

  describe('tables beside scoredKadDHT', () => {
    test.runIf(dropsClients)('it drops us when we become a client while it has a stream to us, and does not take us in again', async () => {
      const [foreign, third] = [await peer(), await peer()]
      const node = await startNode(BOTH.scoredKadDHT, protocol)
      await meet(node, foreign, third)
      const key = third.id.toMultihash().bytes
      expect((await foreign.perform({ operation: 'closest-peers', key })).found).toContain(String(node.peerId))

      await node.services.dht.setMode('client')
      await vi.waitFor(async () => { expect(await foreign.table()).not.toContain(String(node.peerId)) }, SOON)
      // it looks for others at once, also at the peers that it has just lost
      await foreign.perform({ operation: 'closest-peers', key })
      expect(await foreign.table()).not.toContain(String(node.peerId))
    })
  })
}
