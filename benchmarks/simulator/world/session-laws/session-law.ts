import type { Random } from '../../../random/random.ts'

/** The laws that the sessions of nodes which come and go may follow */
export const SESSION_LAWS = ['weibull', 'exponential', 'log-normal', 'clock'] as const
export type SessionLawName = typeof SESSION_LAWS[number]

/**
 * How long the sessions and absences of a node last. They take turns. All laws of one
 * world have the same mean session and the same share of time online, so that only what
 * can be learned from the past of a node differs.
 */
export interface SessionLaw {
  /** Whether sessions and absences pass faster or slower with the local time of day */
  readonly followsRhythm: boolean

  /**
   * What distinguishes one node from another: a positive number that its sessions, and
   * mostly its absences, grow with
   *
   * @param draw - Gives uniform numbers in (0, 1)
   */
  pace (draw: Random): number

  /** The share of the time for which a node of this pace is online, 0 to 1 */
  onlineShare (pace: number): number

  /**
   * The length of a session or absence, ms
   *
   * @param count - Number of the session or absence of the node. The same number gives the same length.
   */
  lengthMs (node: number, count: number, isOnline: boolean, pace: number): number

  /**
   * The length of the session or absence in which a random moment falls, ms. A long one
   * covers more moments.
   *
   * @param draw - Gives uniform numbers in (0, 1)
   */
  presentMs (isOnline: boolean, pace: number, draw: Random): number
}

/** What a law takes from the conditions of its world */
export interface SessionConditions {
  sessionShape: number
  sessionScaleMs: number
  sessionCorrelation: number
  churnerOnlineShare: number
}
