import { setTimeout as delay } from 'node:timers/promises'
import { fillTable } from './fill-table.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { refusingAddress, silentPort } from './silent-port.ts'
import { strangerId } from './test-node.ts'
import type { TestNetwork } from '../conformance/test-network.ts'
import type { PeerInfo } from '@libp2p/interface'

/** Later than any soft deadline on this machine, earlier than the grace of a peer that is connected runs out */
const SLOW_MS = 1500

/**
 * Stock servers whose tables hold each other, slow peers and dead ones; the servers come
 * first
 */
export async function partlyDeadPeers (network: TestNetwork, counts: { live: number, slow: number, silent: number, refusing: number }): Promise<PeerInfo[]> {
  const servers = await Promise.all(Array.from({ length: counts.live }, async () => network.createNode({ clientMode: false, initialQuerySelfInterval: 3_600_000 })))
  const slow = await Promise.all(Array.from({ length: counts.slow }, async () => scriptedPeer({
    script: async () => {
      await delay(SLOW_MS)

      return {}
    }
  })))
  const { address } = await silentPort()
  const dead = [
    ...Array.from({ length: counts.silent }, () => address),
    ...await Promise.all(Array.from({ length: counts.refusing }, refusingAddress))
  ]
  const peers = [
    ...[...servers, ...slow.map(({ node }) => node)].map(node => ({ id: node.peerId, multiaddrs: node.getMultiaddrs() })),
    ...await Promise.all(dead.map(async multiaddr => ({ id: await strangerId(), multiaddrs: [multiaddr] })))
  ]

  await Promise.all(servers.map(async server => fillTable(server, peers.filter(({ id }) => !id.equals(server.peerId)))))

  return peers
}
