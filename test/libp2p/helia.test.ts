import { libp2pDefaults } from '@helia/libp2p'
import { passthroughMapper } from '@libp2p/kad-dht'
import { MemoryDatastore } from 'datastore-core'
import { createHelia } from 'helia'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { scoredKadDHT } from '../../src/service.ts'
import { testInit } from '../conformance/test-network.ts'
import { entryOf, scriptedPeer } from './scripted-peer.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { DefaultLibp2pServices, HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

/** What would look for servers on the internet, or for a router in this network */
const ONLINE_SERVICES = ['autoTLS', 'delegatedContentRouting', 'delegatedPeerRouting', 'upnp']

const CONTENT = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

describe('Helia\'s defaults with a scored DHT in place of theirs', () => {
  test('make a node', async () => {
    const libp2p = libp2pDefaults()
    expect(Object.keys(libp2p.services).indexOf('dht')).toBeLessThan(Object.keys(libp2p.services).indexOf('ping'))
    libp2p.services.dht = scoredKadDHT({ peerInfoMapper: passthroughMapper })
    const { services } = await createLibp2p({ ...libp2p, start: false })

    expect(services.dht).toHaveProperty('scores')
  })

  test('make a Helia node that finds providers, and knows its peers after a restart', async () => {
    const provider = await scriptedPeer()
    const server = await scriptedPeer({ script: ({ type }) => type === 'GET_PROVIDERS' ? { providers: [entryOf(provider.peerId, provider.node.getMultiaddrs())] } : {} })
    const datastore = new MemoryDatastore()
    const helia = await startHelia(datastore)
    const { libp2p, routing } = helia
    await libp2p.dial(server.node.getMultiaddrs())
    await vi.waitFor(() => { expect(libp2p.services.dht).toHaveProperty('routingTable.size', 1) })
    const providers: string[] = []

    for await (const { id } of routing.findProviders(CONTENT)) {
      providers.push(id.toString())
    }

    expect(providers).toEqual([provider.peerId.toCID().toString()])
    expect(scoresOf(libp2p).get(server.peerId).class).toBe('good')
    await helia.stop()

    const restarted = await startHelia(datastore)
    expect(scoresOf(restarted.libp2p).get(server.peerId).class).toBe('good')
  })
})

/** A started Helia node that reaches nothing but this machine */
async function startHelia (datastore: Datastore): Promise<HeliaWithLibp2p> {
  const libp2p = libp2pDefaults()
  libp2p.addresses = { listen: ['/ip4/127.0.0.1/tcp/0'] }
  libp2p.peerDiscovery = []
  libp2p.services.dht = scoredKadDHT(testInit())
  Object.assign(libp2p.services, Object.fromEntries(ONLINE_SERVICES.map(name => [name, () => ({})])))
  const helia = createHelia({ datastore, libp2p, http: { delegatedRouters: [], recursiveGateways: [] } })
  await helia.start()
  onTestFinished(async () => { await helia.stop() })

  return helia
}

function scoresOf (libp2p: Libp2p<DefaultLibp2pServices>): ScoredKadDHT['scores'] {
  return (libp2p.services.dht as ScoredKadDHT).scores
}
