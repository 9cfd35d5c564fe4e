import { join } from 'node:path'
import { kadDHT } from '@libp2p/kad-dht'
import { scoredKadDHT } from '../../src/index.ts'
import { TUNED_DHT_OPTIONS } from './tuned-options.ts'
import type { ScoredKadDHT, ScoringInit } from '../../src/index.ts'
import type { LiveArm } from './live-arms.ts'
import type { KadDHT, KadDHTComponents, KadDHTInit } from '@libp2p/kad-dht'

/** With bucket sizes unlimited, this threshold still decides when a bucket splits */
const FULL_TABLE_SPLIT_THRESHOLD = 20

type DHTFactory = (components: KadDHTComponents) => KadDHT | ScoredKadDHT

/**
 * The DHT service that makes a client an arm of the comparison
 *
 * @param init - Options that all arms have in common
 * @param directory - Where scores are stored
 * @param scoring - Further options of scoring
 */
export function dhtOfArm (arm: Exclude<LiveArm, 'oracle'>, init: KadDHTInit, directory: string, scoring: ScoringInit = {}): DHTFactory {
  switch (arm) {
    case 'kad-dht':
      return kadDHT(init)
    case 'kad-dht-tuned':
      return kadDHT({ ...init, ...TUNED_DHT_OPTIONS })
    case 'full-table':
      return kadDHT({ ...init, kBucketSize: Infinity, kBucketSplitThreshold: FULL_TABLE_SPLIT_THRESHOLD })
    case 'scored':
    case 'scored-warm':
      return scoredKadDHT({ ...init, scoring: { ...scoring, location: join(directory, 'scores') } })
    default:
      return arm satisfies never
  }
}
