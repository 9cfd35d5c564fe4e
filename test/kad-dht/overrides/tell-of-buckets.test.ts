import { describe, expect, test } from 'vitest'
import { tellOfAdded, tellOfRemoved } from '../../../src/kad-dht/overrides/tell-of-buckets.ts'
import { scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { countingNode, meet, strangerId } from '../../libp2p/test-node.ts'

describe('a peer of the k-buckets', () => {
  test.each([
    ['enters', tellOfAdded, 'added'],
    ['leaves', tellOfRemoved, 'removed']
  ] as const)('that %s is told of before kad-dht does its own', async (_, override, name) => {
    const told: string[] = []
    const tell = (what: string) => (): void => { told.push(what) }
    const replaced = override(async () => { told.push('kad-dht') }, { buckets: { added: tell('added'), removed: tell('removed') } })
    await replaced({ peerId: await strangerId(), kadId: new Uint8Array(32), lastPing: 0 }, {})

    expect(told).toEqual([name, 'kad-dht'])
  })

  test('is in our table as soon as it is in its bucket, and out of it as soon as it has left', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    const placeOf = (): string => node.dht.scoredRoutingTable.why(peer.peerId.toString(), 0).whereabouts.place
    await meet(node, peer)
    expect(placeOf()).toBe('bucket')

    await node.dht.routingTable.remove(peer.peerId)
    expect(placeOf()).not.toBe('bucket')
  })
})
