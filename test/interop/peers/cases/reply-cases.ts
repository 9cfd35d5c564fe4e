import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import * as digest from 'multiformats/hashes/digest'
import { describe, expect, test, vi } from 'vitest'
import { BOTH } from '../../../libp2p/test-node.ts'
import { askPeer } from '../ask-peer.ts'
import { meet, SOON, startNode } from '../meet.ts'
import type { ForeignPeer } from '../foreign-peer.ts'
import type { ForeignSuite } from '../foreign-peer-suite.ts'
import type { TestNode } from '../../../conformance/test-network.ts'

/**
 * Whom each side names to the other, and what searches through them find
 */
export function replyCases ({ protocol, peer }: ForeignSuite): void {
  describe.each(Object.entries(BOTH))('searches through %s', (_, factory) => {
    test('its client finds the closest peers and single peers through us', async () => {
      const [seeker, ...peers] = await Promise.all([1, 2, 3].map(async () => peer()))
      const node = await startNode(factory, protocol)
      await meet(node, seeker, ...peers)

      const { found } = await seeker.perform({ operation: 'closest-peers', key: keyOf(peers[0].id) })
      expect(found.sort()).toEqual([node.peerId, ...peers.map(({ id }) => id)].map(String).sort())

      for (const { id } of peers) {
        expect((await seeker.perform({ operation: 'find-peer', key: keyOf(id) })).found).toEqual([String(id)])
      }
    })

    test('we find single peers through it, and the closest ones', async () => {
      const [hub, ...peers] = await Promise.all([1, 2, 3].map(async () => peer()))

      for (const { multiaddrs } of peers) {
        await hub.connect(multiaddrs[0])
      }

      await vi.waitFor(async () => { expect((await hub.table()).sort()).toEqual(peers.map(({ id }) => String(id)).sort()) }, SOON)
      const node = await startNode(factory, protocol, { clientMode: true })
      await meet(node, hub)

      for (const { id, multiaddrs } of peers) {
        const closest = await finalPeers(node, keyOf(id))
        expect(closest[0]).toBe(String(id))

        // stock goes on only with peers that are closer than the one that named them
        if (factory !== BOTH.kadDHT) {
          expect(closest.sort()).toEqual([hub, ...peers].map(peer => String(peer.id)).sort())
        }

        const found = (await all(node.services.dht.findPeer(id))).flatMap(event => event.name === 'FINAL_PEER' ? [event.peer] : [])
        expect(found.map(({ id }) => String(id))).toEqual([String(id)])
        expect(found[0].multiaddrs.map(String)).toContain(String(multiaddrs[0].decapsulate('/p2p')))
      }
    })

    test('we name the servers that we know with their addresses, and a client or ourselves only when asked for it', async () => {
      const servers = await Promise.all([1, 2].map(async () => peer()))
      const client = await peer({ mode: 'client' })
      const node = await startNode(factory, protocol)
      await node.dial(client.multiaddrs)
      await meet(node, ...servers)
      const expected = addressesOf(servers)

      expect(await namedBy(node, protocol, servers[0].id)).toEqual(expected)
      expect(await namedBy(node, protocol, client.id)).toEqual({ ...expected, ...addressesOf([client]) })
      expect(await namedBy(node, protocol, node.peerId)).toEqual({ ...expected, [String(node.peerId)]: node.getMultiaddrs().map(withoutId) })
    })
  })
}

function keyOf (id: { toMultihash (): { bytes: Uint8Array } }): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(id.toMultihash().bytes)
}

async function finalPeers (node: TestNode, key: Uint8Array): Promise<string[]> {
  const events = await all(node.services.dht.getClosestPeers(key))

  return events.flatMap(event => event.name === 'FINAL_PEER' ? [String(event.peer.id)] : [])
}

/** Whom we name to a stranger as the closest to an id, with the addresses by printable id */
async function namedBy (node: TestNode, protocol: string, id: TestNode['peerId']): Promise<Record<string, string[]>> {
  const { closer } = await askPeer(node.getMultiaddrs()[0], protocol, { type: 'FIND_NODE', key: keyOf(id) })

  return Object.fromEntries(closer.map(({ id, multiaddrs }) => [
    String(peerIdFromMultihash(digest.decode(id))),
    multiaddrs.map(bytes => String(multiaddr(bytes)))
  ]))
}

function addressesOf (peers: ForeignPeer[]): Record<string, string[]> {
  return Object.fromEntries(peers.map(({ id, multiaddrs }) => [String(id), multiaddrs.map(withoutId)]))
}

function withoutId (address: { toString (): string }): string {
  return String(address).replace(/\/p2p\/.*$/, '')
}
