import type { KBucketTrie } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Admit to the k-buckets only who speaks the protocol: kad-dht takes anybody who
 * answers a ping, clients too.
 */
export function admitSpeakers (verify: KBucketTrie['verify'], { speakers }: Pick<OverrideParts, 'speakers'>): KBucketTrie['verify'] {
  return async (contact, options) => {
    const peer = contact.peerId.toString()

    // a ping takes about as long as it takes to be told
    return !speakers.excludes(peer) && await verify(contact, options) && !speakers.excludes(peer)
  }
}
