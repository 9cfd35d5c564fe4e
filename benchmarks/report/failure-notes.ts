import type { Sample } from './results.ts'

/** Limit of reasons that are shown for one arm and operation */
const MAX_REASONS = 3

/**
 * The reasons why operations failed, in a sentence for each arm and operation
 */
export function failureNotes (samples: readonly Sample[]): string[] {
  const failures = samples.filter(({ failed, reason }) => failed && reason !== undefined)
  const groups = Map.groupBy(failures, ({ arm, operation }) => `${arm} failed in ${operation}`)

  return [...groups].map(([what, group]) => {
    const reasons = [...Map.groupBy(group, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length)
    const shown = reasons.slice(0, MAX_REASONS).map(([reason, { length }]) => `${length === 1 ? 'once' : `${length} times`}: ${reason}`)

    return `${what} ${shown.join('; ')}${reasons.length > MAX_REASONS ? '; and for other reasons' : ''}.`
  })
}
