import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { BOTH } from '../../../libp2p/test-node.ts'
import { block } from './block.ts'
import { foundValue } from './found-value.ts'
import { ipnsName } from '../ipns-records.ts'
import { meet, SOON, startNode } from '../meet.ts'
import { publicKeyRecord } from './public-key-record.ts'
import type { ForeignSuite } from '../foreign-peer-suite.ts'
import type { CID } from 'multiformats/cid'
import type { TestNode } from '../../../conformance/test-network.ts'

/**
 * Records that one side stores and the other finds
 */
export function recordCases ({ protocol, peer, publicKeys }: ForeignSuite): void {
  describe.each(Object.entries(BOTH))('records with %s', (_, factory) => {
    test('what we provide to it, its own search finds, and a third node reads our addresses from it', async () => {
      const foreign = await peer()
      const other = await peer()
      await other.connect(foreign.multiaddrs[0])
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { multihash, cid } = await block()

      await all(node.services.dht.provide(cid))
      await vi.waitFor(async () => { expect(await foreign.holdsProvider(multihash, String(node.peerId))).toBe(true) }, SOON)
      const providers = [String(node.peerId)]
      expect((await other.perform({ operation: 'find-providers', key: multihash, providers })).found).toContain(providers[0])

      const seeker = await startNode(factory, protocol, { clientMode: true })
      await meet(seeker, foreign)
      expect(await providersOf(seeker, cid)).toEqual({ [providers[0]]: node.getMultiaddrs().map(String).map(withoutId) })
    })

    test('what it provides to us, others of its kind find through us', async () => {
      const provider = await peer()
      const seeker = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, provider, seeker)
      const { bytes, multihash, cid } = await block()

      await provider.perform({ operation: 'provide', key: multihash, value: bytes })
      const providers = [String(provider.id)]
      await vi.waitFor(async () => { expect(await providersOf(node, cid)).toHaveProperty(providers) }, SOON)
      expect((await seeker.perform({ operation: 'find-providers', key: multihash, providers })).found).toEqual(providers)
    })

    test('an IPNS record that we put, it gets, and a newer one after it', async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { key, record } = await ipnsName()

      for (const sequence of [1, 2]) {
        const value = await record(`/ipfs/${(await block()).cid}`, sequence)
        await all(node.services.dht.put(key, value))
        expect(await foreign.holdsValue(key)).toBe(true)
        expect((await foreign.perform({ operation: 'get-value', key })).value).toEqual(value)
      }
    })

    test('an IPNS record that it puts, we get, and a newer one after it', async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { key, record } = await ipnsName()

      for (const sequence of [1, 2]) {
        const value = await record(`/ipfs/${(await block()).cid}`, sequence)
        await foreign.perform({ operation: 'put-value', key, value })
        expect(await foundValue(node, key)).toEqual(value)
      }
    })

    test('a public key that we put, it gets', async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { key, value } = await publicKeyRecord()

      await all(node.services.dht.put(key, value))
      expect(await foreign.holdsValue(key)).toBe(true)
      expect((await foreign.perform({ operation: 'get-value', key })).value).toEqual(value)
    })

    test.runIf(publicKeys)('a public key that it puts, we get', async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { key, value } = await publicKeyRecord()

      await foreign.perform({ operation: 'put-value', key, value })
      expect(await foundValue(node, key)).toEqual(value)
    })
  })
}

/** Addresses of the providers that are found, without the ids that Rust puts behind them, by printable ids */
async function providersOf (node: TestNode, cid: CID): Promise<Record<string, string[]>> {
  const events = await all(node.services.dht.findProviders(cid))

  return Object.fromEntries(events.flatMap(event => event.name === 'PROVIDER'
    ? event.providers.map(({ id, multiaddrs }) => [String(id), multiaddrs.map(String).map(withoutId)])
    : []))
}

function withoutId (address: string): string {
  return address.replace(/\/p2p\/.*$/, '')
}
