import { kadDHT } from '@libp2p/kad-dht'
import drain from 'it-drain'
import { expect, onTestFinished, test } from 'vitest'
import { TestNetwork, waitForTable } from '../conformance/test-network.ts'
import { countingTCP } from './counting-tcp.ts'
import { fillTable } from './fill-table.ts'
import { scoresOf } from './scores-of.ts'
import { refusingAddress } from './silent-port.ts'
import { scored, strangerId } from './test-node.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerInfo } from '@libp2p/interface'

const LIVE = 16
const DEAD = 8

/** So small that a reply has a choice: of 24 peers it names four */
const K = 4

const LOOKUPS = 10

const SERVER = { clientMode: false, kBucketSize: K }

/** One that starts no lookup of its own, so that it hears of nobody else */
const QUIET_SERVER = { ...SERVER, initialQuerySelfInterval: 3_600_000 }

test(`a fresh kadDHT that bootstraps from a scored node meets fewer dead peers in its first ${LOOKUPS} lookups than from a stock one`, async () => {
  const network = new TestNetwork(kadDHT)
  onTestFinished(async () => { await network.stop() })
  const dead: PeerInfo[] = await Promise.all(Array.from({ length: DEAD }, async () => ({ id: await strangerId(), multiaddrs: [await refusingAddress()] })))
  const servers = await Promise.all(Array.from({ length: LIVE }, async () => network.createNode(QUIET_SERVER)))
  const live = servers.map(server => ({ id: server.peerId, multiaddrs: server.getMultiaddrs() }))
  await Promise.all(servers.map(async server => fillTable(server, live.filter(({ id }) => !id.equals(server.peerId)))))

  // both were told of the dead, the scored one has met them
  const stockNode = await network.createNode(QUIET_SERVER)
  const scoredNode = await network.createNode(SERVER, {}, scored())
  await fillTable(stockNode, [...live, ...dead])
  await fillTable(scoredNode, [...live, ...dead])
  await findOut(scoredNode, dead)

  const fromStock = await deadPeersMet(network, stockNode, dead)
  const fromScored = await deadPeersMet(network, scoredNode, dead)
  const figures = `of ${DEAD} dead peers a newcomer met ${fromStock} from the stock node and ${fromScored} from the scored one`

  expect(fromStock, figures).to.be.above(0)
  expect(fromScored, figures).to.be.below(fromStock)
})

/** Look for the dead until each has been asked */
async function findOut (node: TestNode, dead: PeerInfo[]): Promise<void> {
  const scores = scoresOf(node)

  for (const { id } of dead) {
    await drain(node.services.dht.getClosestPeers(id.toMultihash().bytes))
  }

  expect(dead.filter(({ id }) => scores.get(id).class === 'unacceptable').length).to.be.above(DEAD / 2)
}

/** How many dead peers a fresh client dials that knows this node only */
async function deadPeersMet (network: TestNetwork, node: TestNode, dead: PeerInfo[]): Promise<number> {
  const dials: string[] = []
  const client = await network.createNode({ clientMode: true, kBucketSize: K }, { transports: [countingTCP(dials)] })
  await client.dial(node.getMultiaddrs())
  await waitForTable(client, 1)

  for (let i = 0; i < LOOKUPS; i++) {
    await drain(client.services.dht.getClosestPeers(Uint8Array.of(i)))
  }

  return dead.filter(({ multiaddrs }) => dials.some(address => address.startsWith(`${multiaddrs[0].toString()}/`))).length
}
