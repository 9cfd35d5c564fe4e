import type { Outcome } from './outcome.ts'

// nothing that anybody waits for takes longer
const LONGEST_MS = 600_000

/**
 * An outcome whose durations are from 0 to ten minutes, whatever they were measured by.
 */
export function soundOutcome (outcome: Outcome): Outcome {
  switch (outcome.type) {
    case 'responded':
      return { ...outcome, latencyMs: soundMs(outcome.latencyMs), setupMs: soundMs(outcome.setupMs) }
    case 'stored':
      return { ...outcome, latencyMs: outcome.latencyMs === undefined ? undefined : soundMs(outcome.latencyMs), setupMs: soundMs(outcome.setupMs) }
    default:
      return outcome
  }
}

/**
 * An outcome whose durations were lost, as we stood still meanwhile: an answer is taken to
 * have needed this latency.
 */
export function withoutDurations (outcome: Outcome, latencyMs: number): Outcome {
  return outcome.type === 'responded' || outcome.type === 'stored'
    ? { type: outcome.type, latencyMs, setupMs: 0, dialled: false }
    : outcome
}

function soundMs (durationMs: number): number {
  // a comparison with NaN is false, so NaN becomes 0
  return durationMs > 0 ? Math.min(durationMs, LONGEST_MS) : 0
}
