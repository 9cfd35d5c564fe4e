import { withBitswap } from '@helia/bitswap'
import { libp2pDefaults, withLibp2p } from '@helia/libp2p'
import { passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromCID } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { createHelia, createHeliaLight } from 'helia'
import all from 'it-all'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { concat } from 'uint8arrays/concat'
import { fromString as uint8ArrayFromString } from 'uint8arrays/from-string'
import { describe, expect, test } from 'vitest'
import { scoredKadDHT } from '../../src/service.ts'
import { errorsTo } from '../libp2p/errors-to.ts'
import { strangerId } from '../libp2p/test-node.ts'
import { NO_HTTP, heliaNode, join, loopbackDefaults, scoresOf, started, storesProvider } from './helia/helia-node.ts'
import type { PeerId } from '@libp2p/interface'
import type { ServiceFactoryMap } from 'libp2p'
import type { LookupStep } from '../../src/libp2p/lookup/lookup-runner.ts'

const PROTOCOL = '/ipfs/kad/1.0.0'

/** Where our DHT keeps its scores in Helia's datastore */
const SCORES = `/dht/peer-scores${PROTOCOL}`

const CONTENT = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

/** A Helia node is stopped within this time, ms */
const STOP_MS = 2_000

describe('Helia\'s defaults with a scored DHT in place of theirs', () => {
  test('make a node, though the DHT comes before its ping service', async () => {
    const libp2p = libp2pDefaults()
    expect(Object.keys(libp2p.services).indexOf('dht')).toBeLessThan(Object.keys(libp2p.services).indexOf('ping'))
    libp2p.services.dht = scoredKadDHT({ peerInfoMapper: passthroughMapper })
    const { services } = await createLibp2p({ ...libp2p, start: false })

    expect(services.dht).toHaveProperty('scores')
  })

  test('make a Helia node that pings its peers, says that it has our DHT, and knows the peers after a restart', async () => {
    const server = await heliaNode({ kind: 'stock' })
    const datastore = new MemoryDatastore()
    const info: string[] = []
    const libp2p = loopbackDefaults()
    libp2p.services.dht = scoredKadDHT({ peerInfoMapper: passthroughMapper })
    libp2p.logger = errorsTo([], info)
    const helia = await started(createHelia({ datastore, libp2p, http: NO_HTTP }))

    expect(startLines(info)).toEqual([`scoredKadDHT started on ${PROTOCOL} in client mode, with 0 scores from score store at ${SCORES} in the node's datastore`])
    // a peer is taken into the routing table when it has answered a ping
    await join(helia, server)
    expect(scoresOf(helia.libp2p).get(server.libp2p.peerId).class).toBe('good')
    await helia.stop()

    const again = { ...loopbackDefaults(), logger: libp2p.logger }
    again.services.dht = scoredKadDHT({ peerInfoMapper: passthroughMapper })
    const restarted = await started(createHelia({ datastore, libp2p: again, http: NO_HTTP }))
    expect(scoresOf(restarted.libp2p).get(server.libp2p.peerId).class).toBe('good')
    expect(startLines(info)[1]).toContain('with 1 scores from')
  })

  test('make a Helia node without HTTP', async () => {
    const [server, provider] = [await heliaNode({ kind: 'stock' }), await heliaNode({ kind: 'stock', clientMode: true })]
    const libp2p = loopbackDefaults()
    libp2p.services.dht = scoredKadDHT({ peerInfoMapper: passthroughMapper })
    const helia = await started(withBitswap(withLibp2p(createHeliaLight(), libp2p)))
    await Promise.all([join(helia, server), join(provider, server)])
    await provider.routing.provide(CONTENT)
    await storesProvider(server)

    expect((await all(helia.routing.findProviders(CONTENT))).map(({ id }) => id.toString())).toEqual([provider.libp2p.peerId.toCID().toString()])
    expect(scoresOf(helia.libp2p).get(server.libp2p.peerId).class).toBe('good')
  })

  test('are lost with `config: \'merge\'`: the node has Helia\'s own DHT, and nothing says so', async () => {
    const given = { dht: scoredKadDHT({ peerInfoMapper: passthroughMapper }) } as unknown as ServiceFactoryMap
    const { services } = await createLibp2p({ ...libp2pDefaults({ config: 'merge', services: given }), start: false })

    expect(services.dht).toHaveProperty('routingTable')
    expect('scores' in services.dht, '@helia/libp2p now takes in what is merged. Take the warnings of `config: \'merge\'` out of README.md and src/libp2p/README.md (Where it runs, When something is wrong).').toBe(false)
  })
})

describe('a Helia node with our DHT', () => {
  test('has it do all of its routing', async () => {
    const server = await heliaNode({ kind: 'stock' })
    const steps: LookupStep[] = []
    const helia = await heliaNode({ kind: 'ours', scoring: { onLookupStep: step => { steps.push(step) } } })
    await join(helia, server)
    const { libp2p, routing } = helia
    const serverId = server.libp2p.peerId.toCID()
    const [ours, theirs, stranger] = [libp2p.peerId, server.libp2p.peerId, await strangerId()]
    /** What an operation returns, and whether it was a lookup of ours */
    const lookedUp = async <T>(operation: Promise<T>): Promise<[T, boolean]> => {
      steps.length = 0
      const result = await operation

      return [result, steps.length > 0]
    }

    await server.routing.provide(CONTENT)
    await server.routing.put(publicKeyOf(theirs).key, publicKeyOf(theirs).value)

    expect(await lookedUp(all(routing.findProviders(CONTENT)))).toMatchObject([[{ id: serverId, router: 'libp2p-router' }], true])
    expect(await lookedUp(all(routing.getClosestPeers(CONTENT.multihash.bytes)))).toMatchObject([[{ id: serverId, router: 'libp2p-router' }], true])
    expect(await lookedUp(routing.findPeer(stranger.toCID()).catch((err: Error) => err.name))).toEqual(['NotFoundError', true])
    expect(peerIdFromCID((await routing.findPeer(serverId)).id).equals(theirs)).toBe(true)
    const [value, wasOurs] = await lookedUp(routing.get(publicKeyOf(theirs).key))
    expect([Uint8Array.from(value), wasOurs]).toEqual([publicKeyOf(theirs).value, true])
    expect(await lookedUp(routing.put(publicKeyOf(ours).key, publicKeyOf(ours).value))).toEqual([undefined, true])
    expect(Uint8Array.from(await server.routing.get(publicKeyOf(ours).key))).toEqual(publicKeyOf(ours).value)
    expect(await lookedUp(routing.provide(CONTENT))).toEqual([undefined, true])
    await expect(routing.cancelReprovide(CONTENT)).resolves.toBeUndefined()
  })

  test('keeps the scores under a prefix of their own in Helia\'s datastore, which stock kad-dht does not mind', async () => {
    const server = await heliaNode({ kind: 'stock' })
    const datastore = new MemoryDatastore()
    const helia = await heliaNode({ kind: 'ours', datastore })
    await join(helia, server)
    await helia.routing.provide(CONTENT)
    await helia.stop()
    const keys = (await all(datastore.queryKeys({}))).map(key => key.toString())

    expect(keys.filter(key => key.includes('score'))).toEqual([expect.stringMatching(new RegExp(`^${SCORES}/[^/]+$`))])

    const stock = await heliaNode({ kind: 'stock', datastore })
    expect(stock.libp2p.peerId.equals(helia.libp2p.peerId)).toBe(true)
    await join(stock, server)
    await expect(stock.routing.provide(CONTENT)).resolves.toBeUndefined()
  })

  test.each([false, true])('stops quickly, and without an error, during its lookups (client mode: %s)', async clientMode => {
    const errors: string[] = []
    const servers = [await heliaNode({ kind: 'stock' }), await heliaNode({ kind: 'ours' })]
    const helia = await heliaNode({ kind: 'ours', clientMode, logger: errorsTo(errors) })
    await join(helia, ...servers)
    const lookup = all(helia.routing.getClosestPeers(CONTENT.multihash.bytes)).catch(() => {})
    const startedAt = performance.now()
    await helia.stop()
    await lookup

    expect(performance.now() - startedAt).toBeLessThan(STOP_MS)
    expect(helia.libp2p.status).toBe('stopped')
    expect(errors).toEqual([])
  })
})

/** The record of a peer's public key, which kad-dht has a validator for */
function publicKeyOf (peer: PeerId): { key: Uint8Array, value: Uint8Array } {
  if (peer.publicKey === undefined) {
    throw new Error(`${peer} tells of no public key`)
  }

  return {
    key: concat([uint8ArrayFromString('/pk/'), peer.toMultihash().bytes]),
    value: peer.toMultihash().digest
  }
}

function startLines (lines: string[]): string[] {
  return lines.filter(line => line.startsWith('scoredKadDHT'))
}
