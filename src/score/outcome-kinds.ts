import type { Outcome } from './outcome.ts'

/** Whether nothing came back. In our own outage every request ends like this. */
export function isSilence ({ type }: Pick<Outcome, 'type'>): boolean {
  return type === 'timedOut' || type === 'dialFailed'
}

/** Whether the peer did what it was asked to */
export function isAnswer ({ type }: Outcome): boolean {
  return type === 'responded' || type === 'stored'
}

/** Whether a request had to dial, and how long it took, ms, as far as its outcome tells */
export function durationsOf (outcome: Outcome): { dialled: boolean, tookMs: number } {
  return outcome.type === 'responded' || outcome.type === 'stored'
    ? { dialled: outcome.dialled, tookMs: (outcome.latencyMs ?? 0) + outcome.setupMs }
    : { dialled: false, tookMs: 0 }
}
