import { CID } from 'multiformats/cid'
import { kadIdOf } from '../../peers/kad-id-of.ts'
import type { KeyPlace, NewKey } from '../../../persistence/published/published-key.ts'

/** A value and its key, to be put in bulk */
export interface BulkRecord {
  key: Uint8Array
  value: Uint8Array
}

/**
 * The keys under which a node provides CIDs
 *
 * @throws {TypeError} One is no CID
 */
export async function * providerKeys (cids: AsyncIterable<CID> | Iterable<CID>): AsyncGenerator<NewKey> {
  for await (const cid of cids) {
    if (CID.asCID(cid) === null) {
      throw new TypeError(`${String(cid)} is no CID`)
    }

    const key = cid.multihash.bytes
    yield { kind: 'provider', key, kadId: await kadIdOf(key) }
  }
}

/**
 * The keys of values
 */
export async function * valueKeys (records: AsyncIterable<BulkRecord> | Iterable<BulkRecord>): AsyncGenerator<NewKey> {
  for await (const { key, value } of records) {
    yield { kind: 'value', key, value, kadId: await kadIdOf(key) }
  }
}

/**
 * Where the keys of CIDs, and of values, lie
 *
 * @throws {TypeError} One is neither a CID nor the bytes of a key
 */
export async function * placesOf (keys: AsyncIterable<CID | Uint8Array> | Iterable<CID | Uint8Array>): AsyncGenerator<KeyPlace> {
  for await (const key of keys) {
    if (key instanceof Uint8Array) {
      yield { kind: 'value', kadId: await kadIdOf(key) }
    } else {
      yield * providerKeys([key])
    }
  }
}
