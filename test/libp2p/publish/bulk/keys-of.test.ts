import all from 'it-all'
import { sha256 } from 'multiformats/hashes/sha2'
import { expect, test } from 'vitest'
import { placesOf, providerKeys, valueKeys } from '../../../../src/libp2p/publish/bulk/keys-of.ts'
import { cids } from './publishing-network.ts'

test('a CID is provided under its multihash, which lies where its hash says', async () => {
  const [cid] = await cids(1)
  const key = cid.multihash.bytes

  expect(await all(providerKeys([cid]))).toEqual([{ kind: 'provider', key, kadId: await sha256.encode(key) }])
  await expect(all(providerKeys([null as never]))).rejects.toThrow('null is no CID')
})

test('a value lies where the hash of its key says', async () => {
  const key = Uint8Array.of(1)
  const value = Uint8Array.of(2)

  expect(await all(valueKeys([{ key, value }]))).toEqual([{ kind: 'value', key, value, kadId: await sha256.encode(key) }])
})

test('what is to be removed is a CID, or the key of a value', async () => {
  const [cid] = await cids(1)

  expect(await all(placesOf([cid, Uint8Array.of(1)]))).toMatchObject([{ kind: 'provider', kadId: await sha256.encode(cid.multihash.bytes) }, { kind: 'value', kadId: await sha256.encode(Uint8Array.of(1)) }])
})
