import { Libp2pRecord } from '@libp2p/record'
import { Key } from 'interface-datastore'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import type { InternalContentFetching, InternalContentRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * Provide a key: note it, as kad-dht does, and then store the provider record while the walk goes on
 */
export function provideWhileWalking (_: InternalContentRouting['provide'], { dht, peerId, publisher }: Pick<OverrideParts, 'dht' | 'peerId' | 'publisher'>): InternalContentRouting['provide'] {
  return async function * (cid, multiaddrs, options = {}) {
    await dht.contentRouting.providers.addProvider(cid, peerId, options)

    const key = cid.multihash.bytes as Bytes
    const self = { id: peerId.toMultihash().bytes as Bytes, multiaddrs: multiaddrs.map(({ bytes }) => bytes as Bytes) }

    yield * publisher.provide({ type: 'ADD_PROVIDER', key, providers: [self] }, key, options)
  }
}

/**
 * Put a value: keep it, as kad-dht does, and then store it while the walk goes on
 */
export function putWhileWalking (_: InternalContentFetching['put'], { dht, datastore, publisher }: Pick<OverrideParts, 'dht' | 'datastore' | 'publisher'>): InternalContentFetching['put'] {
  return async function * (key, value, options = {}) {
    const record = new Libp2pRecord(key, value, new Date()).serialize() as Bytes

    await datastore.put(new Key(`${dht.contentFetching.datastorePrefix}/${uint8ArrayToString(key, 'base32')}`, false), record, options)
    yield * publisher.put({ type: 'PUT_VALUE', key: key as Bytes, record }, key, value, options)
  }
}
