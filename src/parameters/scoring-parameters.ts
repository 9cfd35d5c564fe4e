import type { ParameterRules } from './check-parameters.ts'

/**
 * Those options of `scoring` that are single numbers. Each is described in `ScoringInit`.
 */
export interface ScoringParameters {
  epsilon: number
  minGoodPeers: number
  maxReplacements: number
  maxNamedPeers: number
  warmStartDials: number
  keepAlivePeers: number
  /** ms */
  flushIntervalMs: number
}

/** The range and the default of each option */
export const SCORING_RULES: ParameterRules<ScoringParameters> = {
  epsilon: { default: 0.2, min: 0, max: 1 },
  minGoodPeers: { default: 20, min: 0, max: 100_000, integer: true },
  maxReplacements: { default: 1000, min: 0, max: 1_000_000, integer: true },
  maxNamedPeers: { default: 20_000, min: 0, max: 1_000_000, integer: true },
  warmStartDials: { default: 20, min: 0, max: 1000, integer: true },
  keepAlivePeers: { default: 10, min: 0, max: 1000, integer: true },
  flushIntervalMs: { default: 10_000, min: 100, max: 3_600_000 }
}
