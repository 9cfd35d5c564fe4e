import type { ScoredKadDHT } from '../../src/service.ts'

/**
 * The scores of a node whose DHT is a scored one
 */
export function scoresOf (node: { services: { dht: unknown } }): ScoredKadDHT['scores'] {
  return (node.services.dht as ScoredKadDHT).scores
}
