import { kadDHT } from '@libp2p/kad-dht'
import { scoredKadDHT } from '../../src/index.ts'
import type { KadDHTFactory } from './test-network.ts'

/**
 * What the suite runs against: every promise that upstream's `kadDHT` keeps, ours
 * keeps too
 */
export const IMPLEMENTATIONS: Array<[string, KadDHTFactory]> = [
  ['kadDHT', kadDHT],
  ['scoredKadDHT', scoredKadDHT]
]
