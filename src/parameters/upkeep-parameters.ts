import { checkParameters } from './check-parameters.ts'
import { SCORING_RULES } from './scoring-parameters.ts'
import type { ParameterRules } from './check-parameters.ts'

/**
 * What a node does by itself, between its user's operations
 */
export interface UpkeepParameters {
  /** The pause between two rounds, ms: what was learned is saved, good peers are counted, and the connections to some of them kept; the user's `flushIntervalMs` */
  roundMs: number

  /**
   * When the routing table is refreshed first, ms after the start: the node has settled
   * and its user's first lookups are done
   */
  firstRefreshMs: number

  /**
   * The pause between two refreshes, ms; Go's. At kad-dht's, five minutes, a node that
   * looks up 50 keys an hour asks nearly twice as many peers in between, and finds
   * nothing sooner or more: so it was in a simulation of 10,000 nodes.
   */
  refreshIntervalMs: number

  /** The longest common prefix that is refreshed, bits; kad-dht's */
  maxRefreshedPrefix: number

  /** Named peers that are introduced at once, each maybe a dial: they must not get in the way of a lookup's */
  introductionsAtOnce: number

  /** Named peers that wait to be introduced; who was dropped will be named again */
  maxWaitingIntroductions: number

  /** Best restored peers that are dialled at the start; the user's */
  warmStartDials: number

  /** Restored peers that are dialled at once: enough for a lookup's first round, too few to look like a scan */
  warmStartDialsAtOnce: number

  /** Bounds of the pause between two searches for good peers, ms: doubled each time, as small networks may have no more */
  minSearchPauseMs: number
  maxSearchPauseMs: number

  /** A search for good peers is given up after this time, ms */
  searchTimeoutMs: number

  /** Of kad-dht's shortest time-out of a ping, 0 to 1: ours has to pass before it, as kad-dht's can't be told from a ping that is given up */
  pingTimeoutShare: number

  /** A peer that answered within this time is not pinged again, ms: its answer was the better proof */
  freshAnswerMs: number

  /** Peers whose connections are kept at most; the user's */
  keepAlivePeers: number

  /** Peers that are considered for a keep-alive tag, best first: some of them are not connected */
  keepAliveCandidates: number

  /** At most this share of the connection limit is kept open for good peers, 0 to 1 */
  maxKeptShare: number

  /** A keep-alive tag that nobody takes away, because the process ended, goes by itself after this time; it is renewed after half of it, ms */
  keepAliveTagMs: number
}

/** What they may be, and are when nobody says */
export const UPKEEP_RULES: ParameterRules<UpkeepParameters> = {
  roundMs: SCORING_RULES.flushIntervalMs,
  firstRefreshMs: { default: 60_000, min: 0, max: 86_400_000 },
  refreshIntervalMs: { default: 600_000, min: 1000, max: 86_400_000 },
  maxRefreshedPrefix: { default: 15, min: 0, max: 255, integer: true },
  introductionsAtOnce: { default: 4, min: 1, max: 1000, integer: true },
  maxWaitingIntroductions: { default: 128, min: 0, max: 100_000, integer: true },
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
 * Complete parameters with the defaults and check them.
 *
 * @throws {InvalidParametersError} A name is unknown or a value out of its range
 */
export function validateUpkeepParameters (init: Partial<UpkeepParameters> = {}): UpkeepParameters {
  return checkParameters('upkeep parameters', UPKEEP_RULES, init)
}
