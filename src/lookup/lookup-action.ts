import type { KadId } from '../keyspace/kad-id.ts'
import type { Choice } from '../selection/peer-selector.ts'

/**
 * Why a peer is asked. `exploit` and `explore` are the selector's choices. A `probe`
 * gives an unacceptable peer among the k closest a chance in a spare slot. A `hint` comes
 * from a connected peer further away. With `lastResort` nobody better is left.
 */
export type QueryReason = Choice['reason'] | 'probe' | 'hint' | 'lastResort'

/**
 * Why a lookup has ended. `converged`: the k closest have answered. `exhausted`: fewer than k
 * have, and nobody else is left to ask.
 */
export type FinishReason = 'converged' | 'exhausted' | 'satisfied' | 'cancelled'

/**
 * A command of the lookup, to be carried out in the order given
 */
export type LookupAction<P> =
  | {
    type: 'query'
    peer: P
    kadId: KadId
    /** Index of the disjoint path it belongs to */
    path: number
    reason: QueryReason
    /** How many peers on the path's list are closer to the target */
    rank: number
    score: number
    expectedWaitMs: number
    softDeadlineMs: number
    hardDeadlineMs: number
  }
  /**
   * The lookup no longer needs this peer's answer. The request to a late or probed peer
   * should run on to its hard deadline, in the background, so that the score learns how it
   * ended.
   */
  | { type: 'cancel', peer: P }
  /** Send `timerFired` at this time, ms. It replaces the timer before. */
  | { type: 'setTimer', atMs: number }
  | {
    type: 'finish'
    /** The closest peers that answered, at most k, ascending distance */
    closest: P[]
    reason: FinishReason
  }
