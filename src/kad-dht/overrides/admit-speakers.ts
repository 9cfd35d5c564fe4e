import type { KBucketTrie } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Admit only peers that speak the protocol to the k-buckets. kad-dht admits anybody who
 * answers a ping, clients too.
 */
export function admitSpeakers (verify: KBucketTrie['verify'], { speakers }: Pick<OverrideParts, 'speakers'>): KBucketTrie['verify'] {
  return async (contact, options) => {
    const peer = contact.peerId.toString()

    // checked again after the ping, because meanwhile identify may have told us that the peer does not speak the protocol
    return !speakers.excludes(peer) && await verify(contact, options) && !speakers.excludes(peer)
  }
}
