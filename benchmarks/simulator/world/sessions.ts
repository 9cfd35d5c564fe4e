/**
 * Who is online when. Each node's sessions are its own, drawn from the seed, whoever
 * asks and how often.
 *
 * Time, ms, only goes forward: `now` is never below that of an earlier call, from
 * `startMs` on, which is negative where tables are to grow before the run begins at 0.
 */
export interface Sessions {
  isOnline (node: number, now: number): boolean

  /** When the node's present session, or the time since its last one, began, ms */
  since (node: number, now: number): number
}
