import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'
import { MULTIADDR, multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import { checkStoredPeer } from '../../src/persistence/check-stored-peer.ts'

describe('a peer for a store', () => {
  test('is one that any node would take', () => {
    expect(() => { checkStoredPeer(storedPeer(1)) }).not.toThrow()
    expect(() => { checkStoredPeer(storedNamedPeer(1)) }).not.toThrow()
    expect(multiaddr(MULTIADDR).toString()).toBe('/ip4/1.2.3.4/tcp/4001')
  })

  test('has a peer id of its own', () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => peerIdFromMultihash(Digest.decode(multihash(n))).toString())

    expect(new Set(ids).size).toBe(1_000)
    expect(ids.every(id => id.startsWith('12D3KooW'))).toBe(true)
  })

  test('keeps its numbers in float32, but for its time', () => {
    const { reliability, weight, latencyMs, latencyDeviationMs, referral } = storedPeer(1).score

    for (const number of [reliability, weight, latencyMs, latencyDeviationMs, referral]) {
      expect(Math.fround(number ?? NaN)).toBe(number)
    }
  })

  test('differs where it is told to', () => {
    expect(storedPeer(1, { weight: 2 }).score).toEqual({ ...storedPeer(1).score, weight: 2 })
  })
})
