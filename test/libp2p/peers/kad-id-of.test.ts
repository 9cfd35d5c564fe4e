import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { KadIds, kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { strangerId } from '../test-node.ts'

test('a peer lies where the SHA-256 digest of its multihash is', async () => {
  const { bytes } = (await strangerId()).toMultihash()

  expect(Buffer.from(await kadIdOf(bytes))).toEqual(createHash('sha256').update(bytes).digest())
})

test('a key of no bytes has a place, too', async () => {
  expect(Buffer.from(await kadIdOf(new Uint8Array())).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('kad ids that share their memory are those of their keys', async () => {
  const kadIds = new KadIds()
  const keys = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i))
  const all = await Promise.all(keys.map(async key => kadIds.of(key)))

  expect(all).toEqual(await Promise.all(keys.map(async key => new Uint8Array(await kadIdOf(key)))))
  expect(new Set(all.map(({ buffer }) => buffer)).size).toBe(3)
})
