import { generateKeyPair } from '@libp2p/crypto/keys'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { KAD_DHT_SHAPE } from '../../src/kad-dht/internals.ts'
import { OVERRIDES } from '../../src/kad-dht/overrides.ts'
import { BOTH, quietNode } from '../libp2p/test-node.ts'
import { replacedMembers } from './replaced-members.ts'
import type { KadDHTInternals } from '../../src/kad-dht/internals.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

/** What the service gives kad-dht as options */
const SAME_OPTIONS: KadDHTInit = { routingTableUpdateQueueConcurrency: 4, routingTableUpdateMaxQueueSize: 128 }

const LISTED = [...new Set(OVERRIDES.map(({ member }) => member))].sort()

/** What we add to kad-dht */
const ADDED = ['afterStart', 'provideMany', 'provides', 'putMany', 'scoredRoutingTable', 'scores']

describe('the list of overrides', () => {
  test.each([
    ['without metrics', false],
    ['with metrics', true]
  ])('names each member in which scoredKadDHT differs from kadDHT, %s, and no other', async (_, metered) => {
    expect(replacedMembers(...await instances('kadDHT', 'scoredKadDHT', metered))).toEqual(LISTED)
  })

  test.each([
    'network.sendRequest',
    'contentFetching.getMany',
    'rpc.onIncomingStream',
    'routingTable.kb.closest',
    'providers.addProvider'
  ])('would lack %s, if that was replaced elsewhere', async member => {
    const [plain, other] = await instances('kadDHT', 'kadDHT')
    const names = member.split('.')
    const name = names.pop() ?? ''
    Reflect.set(names.reduce((owner, part) => Reflect.get(owner, part), other), name, () => {})

    expect(replacedMembers(plain, other)).toEqual([member])
  })

  test('would lack an object that another takes the place of, or a number', async () => {
    const [plain, other] = await instances('kadDHT', 'kadDHT')
    other.peerRouting.routingTable = Object.create(other.routingTable)
    other.querySelf.queryTimeout++

    expect(replacedMembers(plain, other)).toEqual(['peerRouting.routingTable', 'querySelf.queryTimeout'])
  })

  test('has a reason for each', () => {
    expect(OVERRIDES.filter(({ why }) => !/^[A-Za-z].*\.$/.test(why))).toEqual([])
  })

  test('has no member that the check of kad-dht\'s shape leaves out, but those that we add', () => {
    expect(LISTED.filter(member => !(member in KAD_DHT_SHAPE))).toEqual(ADDED)
  })

  test('has what makes operations obey their signals around all else', () => {
    for (const member of ['peerRouting.findPeer', 'contentRouting.findProviders', 'contentRouting.provide', 'contentFetching.put']) {
      expect(OVERRIDES.findLast(override => override.member === member)?.replace.name).toMatch(/obey/i)
    }
  })
})

/** DHTs of two nodes with one key that never start */
async function instances (first: keyof typeof BOTH, second: keyof typeof BOTH, metered = false): Promise<[KadDHTInternals, KadDHTInternals]> {
  const privateKey = await generateKeyPair('Ed25519')
  const instance = async (name: keyof typeof BOTH): Promise<KadDHTInternals> => {
    const metrics = metered ? { metrics: prometheusMetrics({ registry: new Registry(), collectDefaultMetrics: false }) } : {}

    return (await quietNode(BOTH[name], SAME_OPTIONS, { privateKey, start: false, ...metrics })).dht
  }

  return [await instance(first), await instance(second)]
}
