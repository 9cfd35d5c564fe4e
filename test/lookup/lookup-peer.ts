import type { LookupPeer } from '../../src/lookup/candidate-list.ts'

/**
 * A neutral, unconnected peer of an 8-bit keyspace, whose handle is its kad id:
 * with the target 0, its distance too
 */
export function lookupPeer (kadId: number, facts: Partial<LookupPeer<number>> = {}): LookupPeer<number> {
  return {
    peer: kadId,
    kadId: Uint8Array.of(kadId),
    score: 0.5,
    peerClass: 'neutral',
    chance: 1,
    connected: false,
    relayed: false,
    failsFast: false,
    suspect: false,
    silentMs: 0,
    stale: false,
    expectedWaitMs: 500,
    probeHoldMs: 300,
    softDeadlineMs: 1000,
    hardDeadlineMs: 5000,
    ...facts
  }
}
