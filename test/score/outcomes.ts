import type { Outcome } from '../../src/score/outcome.ts'

export const TIMED_OUT: Outcome = { type: 'timedOut', afterMs: 1000 }
export const REFUSED: Outcome = { type: 'dialFailed', class: 'refused' }
export const PROTOCOL_ERROR: Outcome = { type: 'protocolError' }

/** An answer over an open connection unless `setupMs` says that it was dialled */
export function responded (latencyMs = 0, setupMs?: number): Outcome {
  return { type: 'responded', latencyMs, setupMs: setupMs ?? latencyMs, dialled: setupMs !== undefined }
}
