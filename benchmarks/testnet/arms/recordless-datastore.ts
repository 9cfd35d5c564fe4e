import { MemoryDatastore } from 'datastore-core'
import type { AbortOptions } from '@libp2p/interface'
import type { Key } from 'interface-datastore'

/** kad-dht keeps its records below these keys */
const RECORDS = ['/dht/record/', '/dht/provider/']

/**
 * A datastore in memory that keeps all but the DHT's records. A node with it has to ask others
 * for each record, however often it has read it.
 */
export class RecordlessDatastore extends MemoryDatastore {
  override put (key: Key, value: Uint8Array, options?: AbortOptions): Key | Promise<Key> {
    return RECORDS.some(prefix => key.toString().startsWith(prefix)) ? key : super.put(key, value, options)
  }
}
