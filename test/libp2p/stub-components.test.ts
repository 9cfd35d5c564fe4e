import { start, stop } from '@libp2p/interface'
import all from 'it-all'
import { expect, test } from 'vitest'
import { scoredKadDHT } from '../../src/index.ts'
import { testInit } from '../conformance/test-network.ts'
import { componentsOf } from './components-of.ts'
import type { KadDHTComponents } from '@libp2p/kad-dht'

test('starts, changes its mode, looks up and stops with a connection manager that answers nothing, as the tests of kad-dht have one', async () => {
  const { components } = await componentsOf()
  const stub = new Proxy({}, { get: () => () => undefined })
  const dht = scoredKadDHT(testInit({ allowQueryWithZeroPeers: true }))(Object.create(components, { connectionManager: { value: stub } }) as KadDHTComponents)

  for (const mode of ['client', 'server', 'client'] as const) {
    await start(dht)
    await dht.setMode(mode)
    expect(dht.getMode()).toBe(mode)
    expect(await all(dht.getClosestPeers(new Uint8Array(32)))).toEqual([])
    await stop(dht)
  }
})
