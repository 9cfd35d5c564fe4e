import type { Arm } from './results.ts'

/** The arms in the order in which a reader is interested in them */
const INTEREST: readonly Arm[] = ['scored', 'scored-warm', 'kad-dht-tuned', 'full-table', 'go-kad-dht', 'go-optimistic', 'kadabra', 'oracle', 'oracle-tcp', 'kad-dht']

/**
 * The arm that the title of a figure is about, or undefined when there is none
 */
export function subjectOf (arms: Iterable<Arm>): Arm | undefined {
  const shown = new Set(arms)

  return INTEREST.find(arm => shown.has(arm))
}
