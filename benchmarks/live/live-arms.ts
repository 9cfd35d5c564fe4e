import type { Arm } from '../report/results.ts'

/**
 * The arms that exist as real nodes
 */
export const LIVE_ARMS = ['kad-dht', 'kad-dht-tuned', 'full-table', 'scored', 'scored-warm', 'oracle'] as const satisfies readonly Arm[]
export type LiveArm = typeof LIVE_ARMS[number]
