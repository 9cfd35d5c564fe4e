import { bucketOf } from '../internals.ts'
import type { KBucketPeer, KBucketTrie } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * When a new peer wants to enter a full bucket, the unacceptable peers of the bucket are
 * pinged first, before those that are only old.
 */
export function collectGarbageFirst (pingOldContacts: KBucketTrie['ping'], { dht, ping, upkeep }: Pick<OverrideParts, 'dht' | 'ping' | 'upkeep'>): KBucketTrie['ping'] {
  return async function * (contacts, options) {
    const bucket = contacts.length === 0 ? [] : bucketOf(dht.routingTable.kb, contacts[0].kadId)
    const pinged = upkeep.bucketFull(handlesOf(bucket), handlesOf(contacts))
    const chosen = pinged.flatMap(peer => bucket.find(({ peerId }) => peerId.toString() === peer) ?? [])
    const release = ping.insist(chosen.map(({ peerId }) => peerId))

    try {
      yield * pingOldContacts(chosen, options)
    } finally {
      release()
    }
  }
}

function handlesOf (contacts: KBucketPeer[]): string[] {
  return contacts.map(({ peerId }) => peerId.toString())
}
