import { bucketOf } from '../internals.ts'
import type { KBucketTrie } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * When a bucket is full and somebody knocks, its unacceptable peers are pinged
 * before those that merely are old.
 */
export function collectGarbageFirst (pingOldContacts: KBucketTrie['ping'], { dht, ping, table, now }: Pick<OverrideParts, 'dht' | 'ping' | 'table' | 'now'>): KBucketTrie['ping'] {
  return async function * (contacts, options) {
    const bucket = contacts.length === 0 ? [] : bucketOf(dht.routingTable.kb, contacts[0].kadId)
    const poor = new Set(table.evictionCandidates(bucket.map(({ peerId }) => peerId.toString()), contacts.length, now()))
    const chosen = poor.size === 0 ? contacts : bucket.filter(({ peerId }) => poor.has(peerId.toString()))
    const release = ping.insist(chosen.map(({ peerId }) => peerId))

    try {
      yield * pingOldContacts(chosen, options)
    } finally {
      release()
    }
  }
}
