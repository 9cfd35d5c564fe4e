import type { LookupPeer } from './candidate-list.ts'

/**
 * A fact for the lookup, with its time in ms
 */
export type LookupEvent<P> =
  /** Begin. Of the facts before this one, only `satisfied` and `cancelled` count. */
  | { type: 'started', now: number }
  /** A connection to an asked peer stands */
  | { type: 'connected', now: number, peer: P }
  /** The first bytes came back from an asked peer. `news`: it could not be reached the last time, so a poor score is out of date. */
  | { type: 'signOfLife', now: number, peer: P, news: boolean }
  /** An asked peer answered, before its soft deadline or after it; `closer`: the peers that it named */
  | { type: 'responded', now: number, peer: P, closer: Array<LookupPeer<P>> }
  /** Whether an `unchecked` peer can be dialled is now known. If it can't, the lookup drops it, as if nobody had named it. */
  | { type: 'checked', now: number, peer: P, dialable: boolean }
  /** An asked peer will not answer: its dial failed, it broke the protocol, or its hard deadline passed */
  | { type: 'failed', now: number, peer: P }
  /** An asked peer has not answered within its soft deadline */
  | { type: 'softDeadlinePassed', now: number, peer: P }
  /** The time of the last `setTimer` has come */
  | { type: 'timerFired', now: number }
  /** The operation has what it wanted */
  | { type: 'satisfied', now: number }
  /** The operation is no longer wanted */
  | { type: 'cancelled', now: number }
