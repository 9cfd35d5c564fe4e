import type { RequestEnd } from './connections.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'

/**
 * The outcome that a request counts as, by the same rules as in a live node
 */
export function outcomeOf (end: RequestEnd): Outcome {
  switch (end.type) {
    case 'answered':
      return { type: 'responded', latencyMs: end.latencyMs, setupMs: end.setupMs, dialled: end.dialled }
    case 'refused':
      return { type: 'dialFailed', class: 'refused' }
    case 'timedOut':
      return end.reached ? { type: 'timedOut', afterMs: end.afterMs } : { type: 'dialFailed', class: 'timeout' }
    default:
      return end satisfies never
  }
}
