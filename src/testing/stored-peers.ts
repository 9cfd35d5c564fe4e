import type { StoredNamedPeer, StoredScoredPeer } from '../persistence/score-store.ts'

/** The bytes of the address /ip4/1.2.3.4/tcp/4001 */
export const MULTIADDR = Uint8Array.of(4, 1, 2, 3, 4, 6, 15, 161)

/**
 * A multihash like that of a peer id with an Ed25519 key. Each number gives another one.
 */
export function multihash (n: number): Uint8Array {
  const bytes = new Uint8Array(38)
  bytes.set([0x00, 0x24, 0x08, 0x01, 0x12, 0x20])
  new DataView(bytes.buffer).setUint32(6, Math.imul(n, 0x9e3779b1))
  new DataView(bytes.buffer).setUint32(34, n)

  return bytes
}

/**
 * A peer that was only named, to store
 */
export function storedNamedPeer (n: number, overrides: Partial<StoredNamedPeer['naming']> = {}): StoredNamedPeer {
  return {
    peer: multihash(n),
    naming: { referrer: multihash(1_000_000), namedAt: 1_700_000_000_000 + n, ...overrides },
    addresses: [{ multiaddr: MULTIADDR, reliability: 0.5 }]
  }
}

/**
 * A peer to store, with values that every store can keep exactly
 */
export function storedPeer (n: number, overrides: Partial<StoredScoredPeer['score']> = {}): StoredScoredPeer {
  return {
    peer: multihash(n),
    score: {
      reliability: 0.75,
      weight: 20,
      latencyMs: 125.5,
      latencyDeviationMs: 12.25,
      referral: 0.5,
      referralWeight: 1,
      lastOutcome: 'responded',
      answeringSince: 1_699_990_000_000 + n,
      answeredAt: 1_700_000_000_000 + n,
      updatedAt: 1_700_000_000_000 + n,
      ...overrides
    },
    addresses: [{ multiaddr: MULTIADDR, reliability: 0.5 }]
  }
}
