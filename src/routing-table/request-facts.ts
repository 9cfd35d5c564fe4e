/**
 * What is known of the request that had an outcome
 */
export interface RequestFacts<P> {
  /** When it was made, ms; unless given, it is taken from the outcome's own durations */
  startedAt?: number
  /** Who named the peer: whether it answers counts for the referrer too */
  referrer?: P
}
