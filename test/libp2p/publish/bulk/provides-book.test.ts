import all from 'it-all'
import { expect, test } from 'vitest'
import { cids, K, publishingNetwork } from './publishing-network.ts'

test('a node adds, lists and removes what it provides, and says how it stands', async () => {
  const { dht } = await publishingNetwork(6)
  const keys = await cids(10)

  expect(await dht.provides.state()).toEqual({ keys: 0, waiting: 0, due: 0, keepsUp: true, averageHolders: undefined, reachable: undefined, keysPerSecond: undefined })
  expect(await dht.provides.add(keys)).toBe(10)
  expect(await dht.provides.add(keys)).toBe(0)
  expect((await all(dht.provides.list())).map(({ key }) => `${key}`).toSorted()).toEqual(keys.map(cid => `${cid.multihash.bytes}`).toSorted())
  await dht.provides.remove(keys.slice(0, 4))

  expect(await dht.provides.state()).toMatchObject({ keys: 6, waiting: 6 })

  await all(dht.provideMany([]))

  expect(await dht.provides.state()).toEqual({ keys: 6, waiting: 0, due: 0, keepsUp: true, averageHolders: K, reachable: 1, keysPerSecond: expect.any(Number) })
})

test('a value is published no longer when its key is removed', async () => {
  const { dht } = await publishingNetwork(3)
  const key = new TextEncoder().encode('/test/1')
  await all(dht.putMany([{ key, value: Uint8Array.of(1) }]))
  expect((await dht.provides.state()).keys).toBe(1)

  await dht.provides.remove([key])
  expect((await dht.provides.state()).keys).toBe(0)
})
