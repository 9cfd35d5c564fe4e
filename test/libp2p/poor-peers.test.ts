import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { kadDHT } from '@libp2p/kad-dht'
import drain from 'it-drain'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TestNetwork } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { fillTable } from './fill-table.ts'
import { scoresOf } from './scores-of.ts'
import { refusingAddress, silentPort } from './silent-port.ts'
import { scored, strangerId } from './test-node.ts'
import type { StoreReport } from '../../src/cli/store-report.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerInfo } from '@libp2p/interface'
import type { KadDHTInit } from '@libp2p/kad-dht'

const LIVE = 40
const REFUSING = 20
const SILENT = 10
const DEAD = REFUSING + SILENT
const RESTARTS = 3

const run = promisify(execFile)

describe(`A node that was told the addresses of ${DEAD} dead peers and restarted ${RESTARTS} times`, () => {
  test.each<{ name: string, init: KadDHTInit }>([
    { name: 'where few live peers find a place in its buckets', init: { kBucketSize: 8, prefixLength: 1 } },
    { name: 'where all live peers are in its buckets', init: {} }
  ])('shows them as unacceptable and still listed, with replacements in use, $name', async ({ init }) => {
    const { network, live, dead } = await toldNetwork()
    /** A node with an empty peer store and no bootstrap list */
    const start = async (): Promise<TestNode> => network.createNode({ clientMode: true, ...init }, { privateKey }, scored({ location }))
    const location = await temporaryDirectory()
    const privateKey = await generateKeyPair('Ed25519')
    const first = await start()
    await first.dial(live[0].multiaddrs)

    for (const { id } of dead) {
      if (unacceptable(first, dead) < DEAD) {
        await lookUp(first, id.toMultihash().bytes)
      }
    }

    expect(unacceptable(first, dead), 'dead peers found out by the first run').to.equal(DEAD)
    await first.stop()

    let replacements: string[] = []

    for (let i = 0; i < RESTARTS; i++) {
      const node = await start()
      replacements = scoresOf(node).replacements().flatMap(({ replacement }) => replacement === undefined ? [] : [replacement.toString()])
      expect(replacements.length, `replacements in use after restart ${i + 1}`).to.be.above(0)
      await lookUp(node, live[0].id.toMultihash().bytes)
      await node.stop()
    }

    const { stdout } = await run(process.execPath, ['src/cli/main.ts', 'inspect', location, '--json'])
    const report: StoreReport = JSON.parse(stdout)
    const shown = report.peers.filter(({ peer }) => dead.some(({ id }) => id.toString() === peer))
    const poor = shown.filter(peer => peer.class === 'unacceptable')

    expect(poor.length, 'dead peers that inspect shows as unacceptable').to.equal(DEAD)
    expect(new Set(replacements).size, 'nobody replaces two').to.equal(replacements.length).and.to.be.above(0)
    expect(replacements.filter(peer => !live.some(({ id }) => id.toString() === peer)), 'the replacements live').to.deep.equal([])
  })
})

/** Stock servers whose tables hold each other and the dead */
async function toldNetwork (): Promise<{ network: TestNetwork, live: PeerInfo[], dead: PeerInfo[] }> {
  const network = new TestNetwork(kadDHT)
  onTestFinished(async () => { await network.stop() })
  const servers = await Promise.all(Array.from({ length: LIVE }, async () => network.createNode({ clientMode: false, initialQuerySelfInterval: 3_600_000 })))
  const live = servers.map(server => ({ id: server.peerId, multiaddrs: server.getMultiaddrs() }))
  const dead = await deadPeers()
  await Promise.all(servers.map(async server => fillTable(server, [...live, ...dead].filter(({ id }) => !id.equals(server.peerId)))))

  return { network, live, dead }
}

async function deadPeers (): Promise<PeerInfo[]> {
  const silent = await silentPort()

  return Promise.all(Array.from({ length: DEAD }, async (_, i) => ({
    id: await strangerId(),
    multiaddrs: [i < REFUSING ? await refusingAddress() : silent.address]
  })))
}

function unacceptable (node: TestNode, peers: PeerInfo[]): number {
  return peers.filter(({ id }) => scoresOf(node).get(id).class === 'unacceptable').length
}

async function lookUp (node: TestNode, key: Uint8Array): Promise<void> {
  await drain(node.services.dht.getClosestPeers(key))
}
