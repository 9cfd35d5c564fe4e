import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/** The timers of the upkeep: one for its next round, one for the next refresh of the routing table */
export type UpkeepTimer = 'round' | 'refresh'

/**
 * Something that happens to a node, at the time `now`, ms by a clock that never goes back
 */
export type UpkeepFact<P> = { now: number } & (
  /** The DHT has started, and the routing table takes in peers */
  | { type: 'started' }
  /** All parts of the node have started, and it can dial */
  | { type: 'ready' }
  | { type: 'stopped' }
  /** A response named a peer, or a peer that speaks the protocol connected */
  | { type: 'named', entry: KBucketEntry<P>, connected: boolean }
  /** A peer no longer speaks the protocol */
  | { type: 'left', peer: P }
  | { type: 'lookupBegan' }
  /** A lookup has ended. `prefixLength` is the length of the common prefix of its target with us, bits; undefined where nobody answered or the lookup was given up. */
  | { type: 'lookupEnded', prefixLength: number | undefined }
  /** `introduced`, `dialled`, `verified` and `lookedUp`: the task of the command `introduce`, `dial`, `verify` or `lookUp` is over, with success or without */
  | { type: 'introduced', peer: P }
  | { type: 'verified', peer: P }
  | { type: 'dialled', peer: P }
  | { type: 'lookedUp', reason: 'refresh' | 'search' }
  /** A new peer wants to enter a full bucket. `old` are the peers of the bucket that were not pinged for long enough, the longest first. */
  | { type: 'bucketFull', bucket: readonly P[], old: readonly P[] }
  /** The user wants to refresh the routing table. `force`: also the parts that were refreshed a short while ago. */
  | { type: 'refreshAsked', force: boolean }
  | { type: 'refreshCancelled' }
  | { type: 'timerFired', timer: UpkeepTimer }
)
