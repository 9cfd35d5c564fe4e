import { peerIdFromMultihash } from '@libp2p/peer-id'
import drain from 'it-drain'
import parallel from 'it-parallel'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import { toString } from 'uint8arrays/to-string'
import type { ScoredKadDHT } from '../../src/index.ts'
import type { Operation } from '../report/results.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'

/** How many single puts run at a time in place of a bulk put: more wait for one another's dials */
const PUTS_AT_ONCE = 20

/**
 * One operation that an arm is to carry out
 */
export interface Task {
  operation: Operation
  /** A multihash, or for values the key of the record */
  key: Uint8Array
  /** The value to put, or the value that can be found */
  value: Uint8Array
  /** Printable ids of the providers that can be found */
  providers: string[]
  /** The other records of a bulk put */
  others?: Array<Pick<Task, 'key' | 'value'>>
}

/**
 * Carry an operation out as a user of kad-dht would. It ends at the answer that it looks
 * for, or goes on to its end when everything is the answer.
 *
 * @returns Printable ids of the peers or providers that were found. Empty for values and puts.
 * @throws {Error} There was no answer
 */
export async function runOperation (dht: KadDHT, task: Task, options: AbortOptions): Promise<string[]> {
  const { operation, key, value, providers } = task

  switch (operation) {
    case 'closest-peers':
      return closestPeers(dht, key, options)
    case 'find-peer':
      return findPeer(dht, key, options)
    case 'find-providers':
      return findProviders(dht, key, providers, options)
    case 'get-value':
      return getValue(dht, key, value, options)
    case 'put-value':
      await drain(dht.put(key, value, options))
      return []
    case 'provide':
      await drain(dht.provide(contentId(key), options))
      return []
    case 'provide-many':
    case 'put-many':
      await putMany(dht, task, options)
      return []
    default:
      return operation satisfies never
  }
}

async function closestPeers (dht: KadDHT, key: Uint8Array, options: AbortOptions): Promise<string[]> {
  const found: string[] = []

  for await (const event of dht.getClosestPeers(key, options)) {
    if (event.name === 'FINAL_PEER') {
      found.push(event.peer.id.toString())
    }
  }

  if (found.length === 0) {
    throw new Error('No peer was found')
  }

  return found
}

async function findPeer (dht: KadDHT, key: Uint8Array, options: AbortOptions): Promise<string[]> {
  for await (const event of dht.findPeer(peerIdFromMultihash(Digest.decode(key)), { ...options, useCache: false })) {
    if (event.name === 'FINAL_PEER') {
      return [event.peer.id.toString()]
    }
  }

  throw new Error('The peer was not found')
}

async function findProviders (dht: KadDHT, key: Uint8Array, providers: string[], options: AbortOptions): Promise<string[]> {
  for await (const event of dht.findProviders(contentId(key), options)) {
    if (event.name === 'PROVIDER') {
      const found = event.providers.map(({ id }) => id.toString()).filter(id => providers.includes(id))

      if (found.length > 0) {
        return found
      }
    }
  }

  throw new Error('No provider was found')
}

async function getValue (dht: KadDHT, key: Uint8Array, value: Uint8Array, options: AbortOptions): Promise<string[]> {
  for await (const event of dht.get(key, options)) {
    if (event.name === 'VALUE' && equals(event.value, value)) {
      return []
    }
  }

  throw new Error('The value was not found')
}

/** Put many records at once where the DHT can, and else one by one, as many at a time as is the fastest */
async function putMany (dht: KadDHT, { operation, key, value, others = [] }: Task, options: AbortOptions): Promise<void> {
  const records = [{ key, value }, ...others]

  if (!isScored(dht)) {
    const puts = records.map(({ key, value }) => async () => drain(operation === 'put-many' ? dht.put(key, value, options) : dht.provide(contentId(key), options)))
    await drain(parallel(puts, { concurrency: PUTS_AT_ONCE }))
    return
  }

  const failed = new Set<string>()
  const events = operation === 'put-many' ? dht.putMany(records, options) : dht.provideMany(records.map(({ key }) => contentId(key)), options)

  for await (const event of events) {
    if (event.type === 'key') {
      failed[event.result === 'failed' ? 'add' : 'delete'](toString(event.key))
    }
  }

  if (failed.size > 0) {
    throw new Error(`${failed.size} of ${records.length} records were not stored`)
  }
}

function isScored (dht: KadDHT): dht is ScoredKadDHT {
  return 'provideMany' in dht
}

function contentId (multihash: Uint8Array): CID {
  return CID.createV1(raw.code, Digest.decode(multihash))
}
