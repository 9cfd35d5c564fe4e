import { describe, expect, test } from 'vitest'
import { checkStoredPeer } from '../../src/persistence/check-stored-peer.ts'
import { MULTIADDR, multihash, storedNamedPeer, storedPeer } from '../../src/testing/stored-peers.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'

const PEER = storedPeer(1)
const NAMED = storedNamedPeer(2)

describe('what a store says of a peer', () => {
  test.each<[string, unknown]>([
    ['a peer', PEER],
    ['a peer without a place', { ...PEER, place: undefined }],
    ['a peer without addresses', { ...PEER, addresses: [] }],
    ['a peer that was only named', NAMED],
    ['a peer that was only named, with a null score', { ...NAMED, score: null }],
    ['a peer with a null naming', { ...PEER, naming: null }],
    ['a peer in a Buffer', { ...PEER, peer: Buffer.from(PEER.peer) }]
  ])('is taken as %s', (_, stored) => {
    expect(() => { checkStoredPeer(stored as StoredPeer) }).not.toThrow()
  })

  test.each<[string, unknown, ErrorConstructor, string]>([
    ['nothing', undefined, TypeError, 'stored peer: peer is no multihash'],
    ['null', null, TypeError, 'stored peer: peer is no multihash'],
    ['a peer by its text', { ...PEER, peer: 'Qm' }, TypeError, 'stored peer: peer is no multihash'],
    ['a peer of no bytes', { ...PEER, peer: new Uint8Array() }, TypeError, 'stored peer: peer is no multihash'],
    ['no score', { ...PEER, score: undefined }, TypeError, 'stored peer: score is missing'],
    ['a null score', { ...PEER, score: null }, TypeError, 'stored peer: score is missing'],
    ['a score out of its range', { ...PEER, score: { ...PEER.score, reliability: 2 } }, RangeError, 'score record: reliability is 2, allowed is a number from 0 to 1'],
    ['a score and a naming', { ...PEER, naming: NAMED.naming }, TypeError, 'stored peer: it was only named, and has a score'],
    ['a naming by nobody', { ...NAMED, naming: { namedAt: 1 } }, TypeError, 'stored peer: referrer is no multihash'],
    ['a naming by no bytes', { ...NAMED, naming: { ...NAMED.naming, referrer: new Uint8Array() } }, TypeError, 'stored peer: referrer is no multihash'],
    ['a naming that is text', { ...NAMED, naming: 'Qm' }, TypeError, 'stored peer: referrer is no multihash'],
    ['a naming at no time', { ...NAMED, naming: { referrer: multihash(1) } }, RangeError, 'stored peer: namedAt is NaN, allowed is 0 and above'],
    ['a naming before all times', { ...NAMED, naming: { referrer: multihash(1), namedAt: -1 } }, RangeError, 'stored peer: namedAt is -1, allowed is 0 and above'],
    ['no addresses', { ...PEER, addresses: undefined }, TypeError, 'stored peer: addresses are no list of multiaddrs, each with its reliability'],
    ['an address by its text', { ...PEER, addresses: [{ multiaddr: '/ip4/1.2.3.4', reliability: 1 }] }, TypeError, 'stored peer: addresses are no list of multiaddrs, each with its reliability'],
    ['an address without its reliability', { ...PEER, addresses: [{ multiaddr: MULTIADDR }] }, TypeError, 'stored peer: addresses are no list of multiaddrs, each with its reliability'],
    ['an address that is too reliable', { ...PEER, addresses: [{ multiaddr: MULTIADDR, reliability: 1.5 }] }, TypeError, 'stored peer: addresses are no list of multiaddrs, each with its reliability'],
    ['a hole among the addresses', { ...PEER, addresses: [undefined] }, TypeError, 'stored peer: addresses are no list of multiaddrs, each with its reliability']
  ])('is refused as %s', (_, stored, ErrorType, message) => {
    expect(() => { checkStoredPeer(stored as StoredPeer) }).toThrow(new ErrorType(message))
  })
})
