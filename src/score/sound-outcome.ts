import type { Outcome } from './outcome.ts'

// no request of ours runs longer than this
const LONGEST_MS = 600_000

/**
 * An outcome whose durations are between 0 and ten minutes, however wrong the clock was
 * that measured them.
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
 * An outcome whose durations mean nothing, because our process stood still meanwhile. An
 * answer gets this latency instead.
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
