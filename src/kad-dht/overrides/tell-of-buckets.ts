import type { KBucketTrie } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Tell our routing table at once of each peer that enters a k-bucket
 */
export function tellOfAdded (onAdd: KBucketTrie['onAdd'], { buckets }: Pick<OverrideParts, 'buckets'>): KBucketTrie['onAdd'] {
  return async (peer, bucket, options) => {
    buckets.added(peer)
    await onAdd(peer, bucket, options)
  }
}

/**
 * Tell our routing table at once of each peer that leaves its k-bucket
 */
export function tellOfRemoved (onRemove: KBucketTrie['onRemove'], { buckets }: Pick<OverrideParts, 'buckets'>): KBucketTrie['onRemove'] {
  return async (peer, bucket, options) => {
    buckets.removed(peer)
    await onRemove(peer, bucket, options)
  }
}
