import type { KBucketEntry } from './k-buckets.ts'
import type { Introduction } from './replacement-cache.ts'
import type { SparePlace } from './replacements.ts'
import type { PeerClass } from '../score/peer-score.ts'

/**
 * A peer in the buckets, remembered or in the replacement cache
 */
export interface KnownPeer<P> {
  readonly entry: KBucketEntry<P>
  inBuckets: boolean
  remembered: boolean
  /** As of the last update; undefined when the peer takes no part */
  place: Place | undefined
  /** Whether the peer is in the trie `#placed` */
  isIndexed: boolean
}

export type Place = 'bucket' | 'remembered' | Introduction

/** The place that a peer has outside the replacement cache; undefined when it has none there */
export function placeOutsideCache (known: KnownPeer<unknown> | undefined, peerClass: PeerClass): 'bucket' | 'remembered' | undefined {
  if (known?.inBuckets === true) {
    return 'bucket'
  }

  return known?.remembered === true && peerClass === 'good' ? 'remembered' : undefined
}

/** Where a peer that could replace a poor one is; undefined when it could not */
export function sparePlace (place: Place | undefined, peerClass: PeerClass): SparePlace | undefined {
  if (place === undefined || peerClass === 'unacceptable') {
    return undefined
  }

  switch (place) {
    case 'bucket': return 'inside'
    case 'named': return 'named'
    default: return 'outside'
  }
}
