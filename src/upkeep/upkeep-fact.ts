import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/** What the node is woken for: a round of its upkeep, or a refresh of the routing table */
export type UpkeepTimer = 'round' | 'refresh'

/**
 * Something that happens to a node, at the time `now`, ms by a clock that never goes back
 */
export type UpkeepFact<P> = { now: number } & (
  /** The node runs: its routing table takes peers */
  | { type: 'started' }
  /** Everything that the node consists of has started: it can dial */
  | { type: 'ready' }
  | { type: 'stopped' }
  /** A response named a peer, or a peer that speaks the protocol connected */
  | { type: 'named', entry: KBucketEntry<P>, connected: boolean }
  /** A peer no longer speaks the protocol */
  | { type: 'left', peer: P }
  | { type: 'lookupBegan' }
  /** `prefixLength` is that of its target with ourselves; undefined where nobody answered, or it was given up */
  | { type: 'lookupEnded', prefixLength: number | undefined }
  /** The answer to the commands `introduce`, `dial` and `lookUp`: it is over, whatever came of it */
  | { type: 'introduced', peer: P }
  | { type: 'dialled', peer: P }
  | { type: 'lookedUp', reason: 'refresh' | 'search' }
  /** Somebody knocks at a full bucket. `old` are those of its peers that were not pinged for long enough, the longest first */
  | { type: 'bucketFull', bucket: readonly P[], old: readonly P[] }
  /** The user wants the table refreshed, without leaving anything out where it has to be forced */
  | { type: 'refreshAsked', force: boolean }
  | { type: 'refreshCancelled' }
  | { type: 'timerFired', timer: UpkeepTimer }
)
