import type { KadId } from '../keyspace/kad-id.ts'

/**
 * A peer that a lookup could ask next
 */
export interface Candidate {
  /** XOR distance from the target, 32 bytes */
  distance: KadId
  /** Score now, 0 to 1; 0.5 is neutral */
  score: number
  /** Expected time from now until the answer of the peer is read, dial included, ms; above 0 */
  expectedWaitMs: number
}

/**
 * Which candidate was chosen and why
 */
export interface Choice {
  /** Index into the candidates that were offered */
  index: number
  /** `exploit`: the best by score, progress and wait; `explore`: at random */
  reason: 'exploit' | 'explore'
}

/**
 * Decides whom to ask next
 */
export interface PeerSelector {
  /**
   * Choose one of the candidates that lie within the XOR window.
   *
   * @param candidates - At least one, sorted by ascending XOR distance
   */
  select (candidates: readonly Candidate[]): Choice
}
