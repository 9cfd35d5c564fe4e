import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { HandleCache, handleOf, multihashOf } from '../../../src/libp2p/peers/handle-of.ts'

test.each(['Ed25519', 'secp256k1', 'RSA'] as const)('the handle of a peer with a key of kind %s is the text of its id', async type => {
  const id = peerIdFromPrivateKey(type === 'RSA' ? await generateKeyPair(type, 2048) : await generateKeyPair(type))

  expect(handleOf(id.toMultihash().bytes)).toBe(id.toString())
  expect(multihashOf(id.toString())).toEqual(id.toMultihash().bytes)
  expect(new HandleCache().handleOf(id.toMultihash().bytes)).toBe(id.toString())
})

test.each([[[0x00, 0x24, 0x08, 0x01, 0x12, 0x20], 32], [[0x00, 0x25, 0x08, 0x02, 0x12, 0x21], 33], [[0x12, 0x20], 32]])('the handle of a multihash that begins with %j is in base 58', (head, length) => {
  fc.assert(fc.property(fc.uint8Array({ minLength: length, maxLength: length }), tail => {
    const multihash = Uint8Array.of(...head, ...tail)

    expect(handleOf(multihash)).toBe(base58btc.baseEncode(multihash))
  }))
})

test('the multihash of a handle is that of its peer id, whatever its kind', () => {
  const id = peerIdFromString('k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8')

  expect(multihashOf('k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8')).toEqual(id.toMultihash().bytes)
  expect(() => multihashOf('nobody')).toThrow()
})

test('bytes that are no multihash of a peer id have no handle', () => {
  for (const bytes of [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(38), Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)]) {
    expect(() => handleOf(bytes)).toThrow()
  }
})
