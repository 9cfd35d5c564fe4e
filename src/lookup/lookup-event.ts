import type { LookupPeer } from './candidate-list.ts'

/**
 * A fact for the lookup, with its time in ms
 */
export type LookupEvent<P> =
  /** Begin; anything before it but an end is ignored */
  | { type: 'started', now: number }
  /** A connection to an asked peer stands */
  | { type: 'connected', now: number, peer: P }
  /** The first thing came back from an asked peer; `news` when it could not be reached the last time, so that a poor score is out of date */
  | { type: 'signOfLife', now: number, peer: P, news: boolean }
  /** An asked peer answered, be it after its soft deadline */
  | { type: 'responded', now: number, peer: P, closer: Array<LookupPeer<P>> }
  /** It turned out whether a peer that was heard of `unchecked` can be dialled; one that can't is as good as not named */
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
