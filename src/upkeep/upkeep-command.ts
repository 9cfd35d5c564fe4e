import type { UpkeepTimer } from './upkeep-fact.ts'

/**
 * Something that a node is to do by itself
 */
export type UpkeepCommand<P> =
  /** Ping a peer that was named, and take it into the routing table if it answers; `introduced` is the end of it */
  | { type: 'introduce', peer: P }
  /** Offer a connected peer to the routing table */
  | { type: 'admit', peer: P }
  /** Connect to a restored peer, and take it into the routing table if it answers; `dialled` is the end of it */
  | { type: 'dial', peer: P }
  /** Ping peers of a full bucket, poor scores or not: those that fail leave it */
  | { type: 'verify', peers: P[] }
  /** Look up a random key that has so many leading bits in common with us, and no more; `lookedUp` is the end of it */
  | { type: 'lookUp', reason: 'refresh', prefixLength: number }
  /** The refresh of the routing table is over: whoever asked for it has no say any more */
  | { type: 'refreshEnded' }
  /** Look up a random key, and give it up after a time; `lookedUp` is the end of it */
  | { type: 'lookUp', reason: 'search', timeoutMs: number }
  /** Keep the connection to a peer before others, or anew, for so long */
  | { type: 'keepAlive', peer: P, forMs: number }
  | { type: 'letGo', peer: P }
  /** Write to disk what was learned */
  | { type: 'save' }
  /** Send `timerFired` at a time; it takes the place of an earlier one of the same timer */
  | { type: 'setTimer', timer: UpkeepTimer, atMs: number }
