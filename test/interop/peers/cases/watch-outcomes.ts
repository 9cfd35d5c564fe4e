import { vi } from 'vitest'
import type { TestNode } from '../../../conformance/test-network.ts'
import type { ScoredKadDHT } from '../../../../src/service.ts'

/**
 * @returns Tells the kinds of outcome that a node has counted from now on. A stock node counts none.
 */
export function watchOutcomes ({ services: { dht } }: TestNode): () => string[] {
  if (!isScored(dht)) {
    return () => []
  }

  const record = vi.spyOn(dht.scoredRoutingTable, 'record')

  return () => [...new Set(record.mock.calls.map(([, { type }]) => type))].sort()
}

function isScored (dht: object): dht is ScoredKadDHT {
  return 'scoredRoutingTable' in dht
}
