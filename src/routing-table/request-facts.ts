/**
 * What is known of the request that had an outcome
 */
export interface RequestFacts<P> {
  /** When the request was made, ms; where it is not given, the durations of the outcome are used instead */
  startedAt?: number
  /** Who named the peer. Whether the peer answers also counts for the referrer. */
  referrer?: P
}
