import { createIPNSRecord, IPNSEntry, ipns, multihashToIPNSRoutingKey } from '@helia/ipns'
import { Record } from '@libp2p/kad-dht'
import { MemoryDatastore } from 'datastore-core'
import { createHelia } from 'helia'
import { Key } from 'interface-datastore'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { describe, expect, test, vi } from 'vitest'
import { errorsTo } from '../../libp2p/errors-to.ts'
import { NO_HTTP, OTHER, dhtOf, heliaNode, join, loopbackDefaults } from './helia-node.ts'
import type { IPNS, IPNSResolveResult } from '@helia/ipns'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Kind } from './helia-node.ts'

const KINDS: Kind[] = ['ours', 'stock']

const FIRST = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')
const SECOND = CID.parse('bafkreidgvpkjawlxz6sffxzwgooowe5yt7i6wsyg236mfoks77nywkptdq')

/** Less than what is left when @helia/ipns begins to publish a record again, ms */
const SOON_EXPIRED = 3_600_000

/** How often @helia/ipns looks for such records, ms */
const REPUBLISH_INTERVAL = 200

describe.each(KINDS)('through a server with the DHT that is %s', kind => {
  test.each(KINDS)('a Helia whose DHT is %s publishes a name and updates it, and one with the other DHT resolves both', async publishes => {
    const server = await heliaNode({ kind })
    const publisher = await heliaNode({ kind: publishes })
    const resolver = await heliaNode({ kind: OTHER[publishes] })
    ipns(server)
    const [publisherNames, resolverNames] = [ipns(publisher), ipns(resolver)]
    await join(publisher, server)
    await join(resolver, server)

    const { publicKey } = await publisherNames.publish('key', FIRST)
    expect(await resolved(resolverNames, publicKey)).toMatchObject({ value: `/ipfs/${FIRST}`, sequence: 1n })

    await publisherNames.publish('key', SECOND)
    expect(await resolved(resolverNames, publicKey)).toMatchObject({ value: `/ipfs/${SECOND}`, sequence: 2n })
  })
})

test.each(KINDS)('what a Helia whose DHT is %s publishes again by itself after a restart, one with the other DHT resolves', async publishes => {
  const errors: string[] = []
  const server = await heliaNode({ kind: publishes })
  const publisher = await heliaNode({ kind: publishes, logger: errorsTo(errors) })
  const resolver = await heliaNode({ kind: OTHER[publishes] })
  ipns(server)
  const publisherNames = ipns(publisher, { republishInterval: REPUBLISH_INTERVAL })
  const resolverNames = ipns(resolver)
  await join(publisher, server)
  await join(resolver, server)
  const { publicKey } = await publisherNames.publish('key', FIRST, { lifetime: SOON_EXPIRED })
  expect(await resolved(resolverNames, publicKey)).toMatchObject({ sequence: 1n })

  // @helia/ipns 10.1.0 begins to publish again when Helia starts. `ipns(helia)` refuses a Helia that is not started, so
  // that nothing is published again before the next start.
  await publisher.stop()
  await publisher.start()
  await join(publisher, server)
  await vi.waitFor(async () => {
    const { value, sequence } = await resolved(resolverNames, publicKey)

    expect(value).toBe(`/ipfs/${FIRST}`)
    expect(sequence).toBeGreaterThan(2n)
  }, { timeout: 20_000 })

  await publisher.stop()
  expect(errors.filter(line => line.includes('republish'))).toEqual([])
})

describe('what @helia/ipns sets on the DHT after its start', () => {
  test('is what our server checks a record by', async () => {
    const server = await heliaNode({ kind: 'ours' })
    const publisher = await heliaNode({ kind: 'stock', clientMode: true })
    const names = ipns(publisher)
    await join(publisher, server)
    const { publicKey, record } = await names.publish('key', FIRST)
    const key = multihashToIPNSRoutingKey(publicKey.toMultihash())
    expect(await holds(server, key), 'there is no validator').toBe(false)

    ipns(server)
    const forged = IPNSEntry.encode({ ...record, signatureV2: new Uint8Array(64) })
    await publisher.routing.put(key, forged)
    expect(await holds(server, key), 'the signature is wrong').toBe(false)

    await publisher.routing.put(key, IPNSEntry.encode(record))
    expect(await holds(server, key)).toBe(true)
  })

  test('is what we take the newest of two records by', async () => {
    const reader = await heliaNode({ kind: 'ours' })
    const server = await heliaNode({ kind: 'stock' })
    ipns(server)
    const privateKey = await reader.keychain.generateKey('key')
    const key = multihashToIPNSRoutingKey(privateKey.publicKey.toMultihash())
    const [older, newer] = await Promise.all([FIRST, SECOND].map(async (cid, i) => IPNSEntry.encode(await createIPNSRecord(privateKey, `/ipfs/${cid}`, BigInt(i + 1), SOON_EXPIRED))))
    // our own record comes first, and would be taken without a selector
    await keep(reader, key, older)
    await keep(server, key, newer)
    await join(reader, server)
    ipns(reader)

    expect(IPNSEntry.decode(await reader.routing.get(key))).toMatchObject({ sequence: 2n })
  })

  test('is there after a restart', async () => {
    const helia = await heliaNode({ kind: 'ours' })
    ipns(helia)
    await helia.stop()
    await helia.start()

    expect(dhtOf(helia.libp2p).validators).toHaveProperty('ipns')
    expect(dhtOf(helia.libp2p).selectors).toHaveProperty('ipns')
  })

  test('can\'t be set before it', () => {
    const helia = createHelia({ libp2p: loopbackDefaults(), http: NO_HTTP, datastore: new MemoryDatastore() })

    expect(() => ipns(helia), 'it can by now: see the comment on publishing again').toThrow(expect.objectContaining({ name: 'NotStartedError' }))
  })
})

/** What a name stands for, without caches */
async function resolved (names: IPNS, publicKey: Parameters<IPNS['resolve']>[0]): Promise<{ value: string, sequence: bigint | undefined }> {
  const results: IPNSResolveResult[] = await all(names.resolve(publicKey, { nocache: true, signal: AbortSignal.timeout(10_000) }))
  const { value, record } = results[results.length - 1]

  return { value, sequence: record.sequence }
}

async function holds ({ datastore }: HeliaWithLibp2p, key: Uint8Array): Promise<boolean> {
  return datastore.has(datastoreKey(key))
}

async function keep ({ datastore }: HeliaWithLibp2p, key: Uint8Array, value: Uint8Array<ArrayBuffer>): Promise<void> {
  await datastore.put(datastoreKey(key), new Record(key, value, new Date()).serialize())
}

/** Under this kad-dht and @helia/ipns keep a record */
function datastoreKey (key: Uint8Array): Key {
  return new Key(`/dht/record/${uint8ArrayToString(key, 'base32')}`, false)
}
