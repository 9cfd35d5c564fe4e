import { kadDHT } from '@libp2p/kad-dht'
import { describe, expect, test } from 'vitest'
import { PROTOCOL } from '../../../conformance/test-network.ts'
import { storeAt, storedAt } from '../../../interop/peers/stored-value.ts'
import { quietNode, scored } from '../../../libp2p/test-node.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'
import type { ObservedNode } from '../../../libp2p/test-node.ts'

const KEY = new TextEncoder().encode('/test/key')

describe('a value that is put at a server that has a newer one', () => {
  test('is refused, and a later one is taken', async () => {
    const server = await serverOf(scored())

    await put(server, 2)
    await expect(put(server, 1)).rejects.toThrow()
    expect(await held(server)).toEqual(Uint8Array.of(2))
    await put(server, 2)
    await put(server, 3)
    expect(await held(server)).toEqual(Uint8Array.of(3))
  })

  test('is taken by kad-dht itself', async () => {
    const server = await serverOf(kadDHT)

    await put(server, 2)
    await put(server, 1)
    expect(await held(server)).toEqual(Uint8Array.of(1))
  })

  test('is taken when the newer one is not valid any more', async () => {
    let newest = 2
    const server = await serverOf(scored(), { validators: { test: async (_, [version]) => { if (version > newest) throw new Error('too new') } } })

    await put(server, 2)
    newest = 1
    await put(server, 1)
    expect(await held(server)).toEqual(Uint8Array.of(1))
  })

  test('is taken where nothing tells which is newer', async () => {
    const server = await serverOf(scored())
    delete server.node.services.dht.selectors.test

    await put(server, 2)
    await put(server, 1)
    expect(await held(server)).toEqual(Uint8Array.of(1))
  })

  test('goes by validators and selectors that were added after the start', async () => {
    const server = await serverOf(scored())
    const { validators, selectors } = server.node.services.dht
    const key = new TextEncoder().encode('/later/key')

    await expect(put(server, 2, key)).rejects.toThrow()
    validators.later = validators.test
    selectors.later = selectors.test
    await put(server, 2, key)
    await expect(put(server, 1, key)).rejects.toThrow()
    expect(await held(server, key)).toEqual(Uint8Array.of(2))
  })
})

async function serverOf (factory: ReturnType<typeof scored>, init: KadDHTInit = {}): Promise<ObservedNode> {
  return quietNode(factory, { clientMode: false, ...init })
}

async function put ({ node }: ObservedNode, version: number, key = KEY): Promise<void> {
  await storeAt(node.getMultiaddrs()[0], PROTOCOL, { key, value: Uint8Array.of(version) })
}

async function held ({ node }: ObservedNode, key = KEY): Promise<Uint8Array | undefined> {
  return storedAt(node.getMultiaddrs()[0], PROTOCOL, key)
}
