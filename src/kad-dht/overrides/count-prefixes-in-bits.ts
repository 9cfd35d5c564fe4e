import { commonPrefixLength } from '../../keyspace/common-prefix-length.ts'
import type { InternalTableRefresh } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Count common prefixes in bits. kad-dht counts them in bytes.
 */
export function countPrefixesInBits (_: InternalTableRefresh['_prefixLengths'], { dht }: Pick<OverrideParts, 'dht'>): InternalTableRefresh['_prefixLengths'] {
  return function * () {
    const { kb } = dht.routingTable
    const self = kb.localPeer

    if (self !== undefined) {
      for (const { kadId } of kb.toIterable()) {
        yield commonPrefixLength(self.kadId, kadId)
      }
    }
  }
}
