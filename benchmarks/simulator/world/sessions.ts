/**
 * Who is online when. Each node's sessions are its own, drawn from the seed, whoever
 * asks and how often.
 *
 * Time, ms, is from `startMs` on, which is negative where tables are to grow before the
 * run begins at 0. It mostly goes forward: each client has its own, and going back to a
 * node's session before the present one takes longer.
 */
export interface Sessions {
  isOnline (node: number, now: number): boolean

  /** When the node's present session, or the time since its last one, began, ms */
  since (node: number, now: number): number
}
