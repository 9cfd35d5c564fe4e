import { checkPeerScore } from '../score/check-peer-score.ts'
import type { StoredAddress, StoredNaming, StoredPeer } from './score-store.ts'

/**
 * Check what a store says of a peer: the store may be somebody else's.
 *
 * @throws {TypeError} It is no stored peer; the message says what is missing
 * @throws {RangeError} A field of its score is out of its range
 */
export function checkStoredPeer (stored: StoredPeer): void {
  const { peer, score, naming, addresses }: Partial<StoredPeer> = stored ?? {}

  if (!(peer instanceof Uint8Array) || peer.byteLength === 0) {
    throw new TypeError('stored peer: peer is no multihash')
  }

  if (isMissing(naming) && (typeof score !== 'object' || score === null)) {
    throw new TypeError('stored peer: score is missing')
  }

  if (!isMissing(naming) && !isMissing(score)) {
    throw new TypeError('stored peer: it was only named, and has a score')
  }

  if (!Array.isArray(addresses) || !addresses.every(isAddress)) {
    throw new TypeError('stored peer: addresses are no list of multiaddrs, each with its reliability')
  }

  if (isMissing(score)) {
    checkNaming(naming)
  } else {
    checkPeerScore(score)
  }
}

/** Some formats have null for what is undefined */
function isMissing (value: object | null | undefined): value is null | undefined {
  return value === undefined || value === null
}

function checkNaming ({ referrer, namedAt = NaN }: Partial<StoredNaming> = {}): void {
  if (!(referrer instanceof Uint8Array) || referrer.byteLength === 0) {
    throw new TypeError('stored peer: referrer is no multihash')
  }

  if (!(namedAt >= 0 && namedAt < Infinity)) {
    throw new RangeError(`stored peer: namedAt is ${namedAt}, allowed is 0 and above`)
  }
}

function isAddress (address: Partial<StoredAddress> | undefined): boolean {
  const { multiaddr, reliability = NaN } = address ?? {}

  return multiaddr instanceof Uint8Array && reliability >= 0 && reliability <= 1
}
