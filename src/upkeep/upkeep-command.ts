import type { UpkeepTimer } from './upkeep-fact.ts'

/**
 * A command of the upkeep. Where a fact is named as the end of a command, that fact must follow when the task is over.
 */
export type UpkeepCommand<P> =
  /** Ping a peer that was named to us, and take it into the routing table if it answers. `introduced` ends this. */
  | { type: 'introduce', peer: P }
  /** Offer a connected peer to the routing table */
  | { type: 'admit', peer: P }
  /** Connect to a restored peer, and take it into the routing table if it answers. `dialled` ends this. */
  | { type: 'dial', peer: P }
  /** Ping these peers of a full bucket, whatever their scores. Peers that fail leave the bucket. */
  | { type: 'makeRoom', peers: P[] }
  /** Ping a peer, whatever its score, to learn whether it is there. `verified` ends this. */
  | { type: 'verify', peer: P }
  /** Look up a random key that has exactly this many leading bits in common with us. `lookedUp` ends this. */
  | { type: 'lookUp', reason: 'refresh', prefixLength: number }
  /** The refresh of the routing table is over: whoever asked for it has no say any more */
  | { type: 'refreshEnded' }
  /** Look up a random key, and give up after this time, ms. `lookedUp` ends this. */
  | { type: 'lookUp', reason: 'search', timeoutMs: number }
  /** Keep the connection to a peer rather than others, from now on for this long, ms */
  | { type: 'keepAlive', peer: P, forMs: number }
  /** The connection to a peer is no longer kept rather than others */
  | { type: 'letGo', peer: P }
  /** Write the changed scores to the store */
  | { type: 'save' }
  /** Send `timerFired` at this time, ms. It replaces an earlier one for the same timer. */
  | { type: 'setTimer', timer: UpkeepTimer, atMs: number }
