import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { kadDHT } from '@libp2p/kad-dht'
import { describe, expect, test } from 'vitest'
import { IncompatibleKadDHTError } from '../../src/kad-dht/incompatible-kad-dht-error.ts'
import { bucketOf, kadDHTInternals, replaceMember, SUPPORTED_KAD_DHT } from '../../src/kad-dht/internals.ts'
import { quietNode } from '../libp2p/test-node.ts'
import type { KadDHT } from '@libp2p/kad-dht'

const { version } = JSON.parse(readFileSync(findPackageJSON('@libp2p/kad-dht', import.meta.url) ?? '', 'utf8'))

describe('kadDHTInternals', () => {
  test('finds every member in the installed kad-dht, before and after its start', async () => {
    const { node } = await quietNode(kadDHT)

    expect(() => kadDHTInternals(node.services.dht)).not.toThrow()
    await node.stop()
    expect(() => kadDHTInternals(node.services.dht)).not.toThrow()
  })

  test('the installed version is one of the supported', () => {
    expect(version).toMatch(new RegExp(`^${SUPPORTED_KAD_DHT.replace('x', '\\d+')}$`))
  })

  test.each([
    ['queryManager.run', 'function'],
    ['network._writeReadMessage', 'function'],
    ['routingTable.kb.onAdd', 'function'],
    ['querySelf.queryTimeout', 'number'],
    ['queryManager.running', 'boolean'],
    ['querySelf', 'object']
  ])('without %s throws an error that names it and both versions', async path => {
    const { node } = await quietNode(kadDHT)

    expect(() => kadDHTInternals(without(node.services.dht, path))).toThrow(expect.objectContaining({
      name: 'IncompatibleKadDHTError',
      message: expect.stringMatching(new RegExp(`${version}.*${SUPPORTED_KAD_DHT}.*${path}`)),
      missing: expect.arrayContaining([expect.stringContaining(path)])
    }))
  })

  test('a member of another kind is missing too', async () => {
    const { node } = await quietNode(kadDHT)
    const dht = Object.assign(Object.create(node.services.dht), { isStarted: true })

    expect(() => kadDHTInternals(dht)).toThrow(IncompatibleKadDHTError)
    expect(() => kadDHTInternals(dht)).toThrow(/isStarted \(function\) not found/)
  })
})

describe('replaceMember', () => {
  test('gives a function bound to its owner, and puts what comes back in its place', async () => {
    const { dht } = await quietNode(kadDHT)
    replaceMember(dht, 'routingTable.isStarted', (original: () => boolean) => () => [original()])

    expect(Reflect.get(dht.routingTable, 'isStarted')()).toEqual([true])
  })

  test('gives all else as it is, and undefined for what is not there', async () => {
    const { dht } = await quietNode(kadDHT)
    const { peerRouting } = dht.querySelf
    const given: unknown[] = []
    replaceMember(dht, 'querySelf.peerRouting', original => { given.push(original); return peerRouting })
    replaceMember(dht, 'unheardOf', original => { given.push(original); return 7 })

    expect(given).toEqual([peerRouting, undefined])
    expect(dht).toHaveProperty('unheardOf', 7)
  })
})

describe('bucketOf', () => {
  test('finds the bucket that kad-dht has put a peer in', async () => {
    const { dht } = await quietNode(kadDHT, { kBucketSize: 2 })
    const { kb } = dht.routingTable
    const peer = (first: number): { kadId: Uint8Array<ArrayBuffer> } => ({ kadId: new Uint8Array(32).fill(first, 0, 1) })
    const leaf = (...firsts: number[]): object => ({ peers: firsts.map(peer) })
    kb.root = { left: leaf(0x10, 0x70), right: { left: leaf(0x80), right: leaf(0xc0, 0xff) } } as unknown as typeof kb.root

    for (const [first, bucket] of [[0x10, [0x10, 0x70]], [0x7f, [0x10, 0x70]], [0x80, [0x80]], [0xfe, [0xc0, 0xff]]] as const) {
      expect(bucketOf(kb, peer(first).kadId).map(({ kadId }) => kadId[0])).toEqual(bucket)
    }
  })
})

/** The same instance to look at, but one member is not there */
function without (object: object, path: string): KadDHT {
  const [name, ...rest] = path.split('.')
  const value = rest.length === 0 ? undefined : without(Reflect.get(object, name), rest.join('.'))

  return new Proxy(object, { get: (target, key) => key === name ? value : Reflect.get(target, key) }) as KadDHT
}
