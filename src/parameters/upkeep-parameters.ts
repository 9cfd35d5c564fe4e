import { checkParameters } from './check-parameters.ts'
import { SCORING_RULES } from './scoring-parameters.ts'
import type { ParameterRules } from './check-parameters.ts'

/**
 * The parameters of what a node does by itself, between its user's operations
 */
export interface UpkeepParameters {
  /**
   * The pause between two rounds of the upkeep, ms; the user's option `flushIntervalMs`. A round
   * saves the changed scores, counts the good peers, and chooses the connections to keep.
   */
  roundMs: number

  /**
   * When the routing table is first refreshed, ms after the start. By then the node should be well
   * connected, and the first lookups of its user done.
   */
  firstRefreshMs: number

  /**
   * The pause between two refreshes, ms, the same as in Go. In kad-dht it is five minutes. In a
   * simulation of 10,000 nodes, a node that looks up 50 keys an hour asked nearly twice as
   * many peers in the background with five minutes, and its lookups were neither faster nor better.
   */
  refreshIntervalMs: number

  /** The longest common prefix that is refreshed, bits; the same as in kad-dht */
  maxRefreshedPrefix: number

  /** How many named peers are introduced at the same time. Each may need a dial, and these must not delay the dials of lookups. */
  introductionsAtOnce: number

  /** How many named peers wait to be introduced at most. A peer that is dropped will be named again. */
  maxWaitingIntroductions: number

  /** A peer is pinged this often to learn whether it is still there, ms. The pings are sent in the rounds. */
  verifyEveryMs: number

  /** How many of these pings are under way at the same time at most; 0 for none at all */
  verificationsAtOnce: number

  /** A peer that had no outcome for this time may be pinged to explore, ms; the same as the time after which kad-dht pings a peer again */
  exploreAfterMs: number

  /** How many of the best restored peers are dialled at the start; an option of the user */
  warmStartDials: number

  /** How many restored peers are dialled at the same time: enough for the first round of a lookup, but too few to look like a scan */
  warmStartDialsAtOnce: number

  /** Bounds of the pause between two searches for good peers, ms. The pause doubles each time, because a small network may have no more good peers. */
  minSearchPauseMs: number
  maxSearchPauseMs: number

  /** A search for good peers is given up after this time, ms */
  searchTimeoutMs: number

  /**
   * The time-out of our pings, as a share of kad-dht's shortest one, 0 to 1. Ours has to pass first. When
   * kad-dht's passes, nobody can say whether the peer was silent or the ping was given up.
   */
  pingTimeoutShare: number

  /** A peer that answered within this time is not pinged again, ms. Its answer proves more than a ping. */
  freshAnswerMs: number

  /** How many connections to good peers are kept at most; an option of the user */
  keepAlivePeers: number

  /** How many peers are considered for a keep-alive tag, best first. Some of them are not connected. */
  keepAliveCandidates: number

  /** At most this share of the connection limit is kept open for good peers, 0 to 1 */
  maxKeptShare: number

  /** How long a keep-alive tag lasts, ms; it is renewed after half of this time. If the process ends, the tag expires by itself. */
  keepAliveTagMs: number
}

/** The range and the default of each parameter */
export const UPKEEP_RULES: ParameterRules<UpkeepParameters> = {
  roundMs: SCORING_RULES.flushIntervalMs,
  firstRefreshMs: { default: 60_000, min: 0, max: 86_400_000 },
  refreshIntervalMs: { default: 1_200_000, min: 1000, max: 86_400_000 },
  maxRefreshedPrefix: { default: 15, min: 0, max: 255, integer: true },
  introductionsAtOnce: { default: 4, min: 1, max: 1000, integer: true },
  maxWaitingIntroductions: { default: 128, min: 0, max: 100_000, integer: true },
  verifyEveryMs: { default: 5000, min: 100, max: 86_400_000 },
  verificationsAtOnce: { default: 4, min: 0, max: 1000, integer: true },
  exploreAfterMs: { default: 600_000, min: 0, max: 86_400_000 },
  warmStartDials: SCORING_RULES.warmStartDials,
  warmStartDialsAtOnce: { default: 16, min: 1, max: 1000, integer: true },
  minSearchPauseMs: { default: 30_000, min: 0, max: 86_400_000 },
  maxSearchPauseMs: { default: 600_000, min: 0, max: 86_400_000 },
  searchTimeoutMs: { default: 30_000, min: 1, max: 86_400_000 },
  pingTimeoutShare: { default: 0.9, min: 0.1, max: 1 },
  freshAnswerMs: { default: 60_000, min: 0, max: 86_400_000 },
  keepAlivePeers: SCORING_RULES.keepAlivePeers,
  keepAliveCandidates: { default: 200, min: 0, max: 100_000, integer: true },
  maxKeptShare: { default: 0.1, min: 0, max: 1 },
  keepAliveTagMs: { default: 3_600_000, min: 1000, max: 86_400_000 }
}

/**
 * Fill in the defaults of parameters that are not given, and check all of them.
 *
 * @throws {InvalidParametersError} A name is unknown or a value out of its range
 */
export function validateUpkeepParameters (init: Partial<UpkeepParameters> = {}): UpkeepParameters {
  return checkParameters('upkeep parameters', UPKEEP_RULES, init)
}
