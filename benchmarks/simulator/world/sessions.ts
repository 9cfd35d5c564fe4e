/**
 * When each node is online. The sessions of a node are drawn from the seed. They do not
 * depend on who asks for them and how often.
 *
 * Times are in ms. They begin at `startMs`, which is negative when tables grow before the
 * run begins at 0. Time mostly goes forward. Each client has a time of its own, and going
 * back to an earlier session of a node takes longer.
 */
export interface Sessions {
  isOnline (node: number, now: number): boolean

  /** When the node's present session or absence began, ms */
  since (node: number, now: number): number
}
