import { checkPeerScore } from '../score/check-peer-score.ts'
import type { StoredAddress, StoredPeer } from './score-store.ts'

/**
 * Check what a store says of a peer: the store may be somebody else's.
 *
 * @throws {TypeError} It is no stored peer; the message says what is missing
 * @throws {RangeError} A field of its score is out of its range
 */
export function checkStoredPeer (stored: StoredPeer): void {
  const { peer, score, addresses }: Partial<StoredPeer> = stored ?? {}

  if (!(peer instanceof Uint8Array) || peer.byteLength === 0) {
    throw new TypeError('stored peer: peer is no multihash')
  }

  if (typeof score !== 'object' || score === null) {
    throw new TypeError('stored peer: score is missing')
  }

  if (!Array.isArray(addresses) || !addresses.every(isAddress)) {
    throw new TypeError('stored peer: addresses are no list of multiaddrs, each with its reliability')
  }

  checkPeerScore(score)
}

function isAddress (address: Partial<StoredAddress> | undefined): boolean {
  const { multiaddr, reliability = NaN } = address ?? {}

  return multiaddr instanceof Uint8Array && reliability >= 0 && reliability <= 1
}
