import type { RequestEnd } from './connections.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'

/**
 * What the end of a request is worth, as a live node has it
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
