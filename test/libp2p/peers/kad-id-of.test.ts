import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { kadIdOf } from '../../../src/libp2p/peers/kad-id-of.ts'
import { strangerId } from '../test-node.ts'

test('a peer lies where the SHA-256 digest of its multihash is', async () => {
  const { bytes } = (await strangerId()).toMultihash()

  expect(Buffer.from(await kadIdOf(bytes))).toEqual(createHash('sha256').update(bytes).digest())
})

test('a key of no bytes has a place, too', async () => {
  expect(Buffer.from(await kadIdOf(new Uint8Array())).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
