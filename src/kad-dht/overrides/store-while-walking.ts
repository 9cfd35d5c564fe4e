import { Libp2pRecord } from '@libp2p/record'
import { Key } from 'interface-datastore'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import type { InternalContentFetching, InternalContentRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Where the options are among the arguments */
const TRACE = { optionsIndex: 2 }

/**
 * Provide a key: note it, as kad-dht does, and then store the provider record while the walk goes
 * on. It is traced under kad-dht's name.
 */
export function provideWhileWalking (_: InternalContentRouting['provide'], { dht, peerId, publisher, tracer }: Pick<OverrideParts, 'dht' | 'peerId' | 'publisher' | 'tracer'>): InternalContentRouting['provide'] {
  const provide: InternalContentRouting['provide'] = async function * (cid, multiaddrs, options = {}) {
    await dht.contentRouting.providers.addProvider(cid, peerId, options)

    const key = cid.multihash.bytes as Bytes
    const self = { id: peerId.toMultihash().bytes as Bytes, multiaddrs: multiaddrs.map(({ bytes }) => bytes as Bytes) }

    yield * publisher.provide({ type: 'ADD_PROVIDER', key, providers: [self] }, key, options)
  }

  return tracer?.traceFunction('libp2p.kadDHT.provide', provide, {
    ...TRACE,
    getAttributesFromYieldedValue: (event, attributes: { providers?: string[] }) => {
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') {
        attributes.providers = [...attributes.providers ?? [], event.from.toString()]
      }

      return attributes
    }
  }) ?? provide
}

/**
 * Put a value: keep it, as kad-dht does, and then store it while the walk goes on. It is traced
 * under kad-dht's name.
 */
export function putWhileWalking (_: InternalContentFetching['put'], { dht, datastore, publisher, tracer }: Pick<OverrideParts, 'dht' | 'datastore' | 'publisher' | 'tracer'>): InternalContentFetching['put'] {
  const put: InternalContentFetching['put'] = async function * (key, value, options = {}) {
    const record = new Libp2pRecord(key, value, new Date()).serialize() as Bytes

    await datastore.put(new Key(`${dht.contentFetching.datastorePrefix}/${uint8ArrayToString(key, 'base32')}`, false), record, options)
    yield * publisher.put({ type: 'PUT_VALUE', key: key as Bytes, record }, key, value, options)
  }

  return tracer?.traceFunction('libp2p.kadDHT.put', put, TRACE) ?? put
}
