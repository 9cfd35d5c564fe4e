import drain from 'it-drain'
import { describe, expect, test } from 'vitest'
import { scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { shiftedClock } from '../../libp2p/shifted-clock.ts'
import { BOTH, countingNode, meet, quietNode, request } from '../../libp2p/test-node.ts'
import type { ObservedNode } from '../../libp2p/test-node.ts'
import type { ScriptedPeer } from '../../libp2p/scripted-peer.ts'
import type { KBucketPeer } from '../../../src/kad-dht/internals.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

const MINUTE = 60_000

/** One bucket that never splits; its peers may be pinged again after ten minutes */
function oneBucket (kBucketSize: number): KadDHTInit {
  return { kBucketSize, prefixLength: 0, pingOldContactTimeout: { minTimeout: 200, maxTimeout: 200 } }
}

describe('the peers of a full bucket, when three knock one after another', () => {
  test.each([
    ['kadDHT', 3, false],
    ['scoredKadDHT', 1, true]
  ] as const)('with %s are pinged %i times, and remembered to have answered: %s', async (name, pings, remembered) => {
    const clock = shiftedClock()
    const node = await quietNode(BOTH[name], oneBucket(2))
    const old = [await scriptedPeer(), await scriptedPeer()]
    await meet(node, ...old)
    clock.advance(11 * MINUTE)
    const knockedAt = Date.now()

    for (let knocks = 0; knocks < 3; knocks++) {
      await knock(node, await scriptedPeer())
    }

    expect(old.map(peer => peer.pings - 1)).toEqual([pings, pings])
    expect(contactsOf(node).map(({ lastPing }) => lastPing >= knockedAt)).toEqual([remembered, remembered])
    expect(contactsOf(node).map(({ peerId }) => peerId.toString()).sort()).toEqual(old.map(({ peerId }) => peerId.toString()).sort())
  })
})

describe('a peer of a full bucket that accepts a ping and never answers it', () => {
  test('with kadDHT keeps the one that knocks waiting beyond the time-out', async () => {
    const { knocked } = await silentContact('kadDHT')

    await expect(Promise.race([knocked, pause(1_500)])).resolves.toBe('still waiting')
  })

  test('with scoredKadDHT leaves when the time-out has passed', async () => {
    const { knocked, node, silent, knocker } = await silentContact('scoredKadDHT')

    await expect(Promise.race([knocked, pause(1_500)])).resolves.toBe('done')
    expect(contactsOf(node).map(({ peerId }) => peerId)).toEqual([knocker.peerId])
    expect(silent.pings).toBe(2)
  })
})

describe('the garbage collection of scoredKadDHT', () => {
  test('pings the unacceptable peer of a full bucket, and not those that merely are older', async () => {
    const clock = shiftedClock()
    const node = await countingNode(oneBucket(4), {}, { parameters: { weightCap: 3 } })
    const [poor, knocker, ...others] = await Promise.all(Array.from({ length: 5 }, async () => scriptedPeer()))
    await meet(node, ...others)
    clock.advance(MINUTE)
    await meet(node, poor)
    await misbehave(node, poor)
    clock.advance(11 * MINUTE)
    expect(node.dht.scores.get(poor.peerId).class).toBe('unacceptable')
    poor.answersPings = false
    await knock(node, knocker)

    expect(others.map(({ pings }) => pings)).toEqual([1, 1, 1])
    expect(poor.pings).toBe(2)
    expect(contactsOf(node).map(({ peerId }) => peerId.toString()).sort()).toEqual([knocker, ...others].map(({ peerId }) => peerId.toString()).sort())
  })

  test('keeps an unacceptable peer that answers the ping', async () => {
    const clock = shiftedClock()
    const node = await countingNode(oneBucket(1), {}, { parameters: { weightCap: 3 } })
    const poor = await scriptedPeer()
    await meet(node, poor)
    await misbehave(node, poor)
    clock.advance(11 * MINUTE)
    await knock(node, await scriptedPeer())

    expect(poor.pings).toBe(2)
    expect(contactsOf(node).map(({ peerId }) => peerId)).toEqual([poor.peerId])
  })

  test('leaves an unacceptable peer where it is while there is room', async () => {
    const node = await countingNode({}, {}, { parameters: { weightCap: 3 } })
    const poor = await scriptedPeer()
    await meet(node, poor)
    await misbehave(node, poor)
    await knock(node, await scriptedPeer())

    expect(node.dht.scores.get(poor.peerId).class).toBe('unacceptable')
    expect(contactsOf(node)).toHaveLength(2)
  })
})

/** A bucket for one peer, whose peer stops answering pings; and one that knocks */
async function silentContact (name: keyof typeof BOTH): Promise<{ node: ObservedNode, silent: ScriptedPeer, knocker: ScriptedPeer, knocked: Promise<string> }> {
  const clock = shiftedClock()
  const node = await quietNode(BOTH[name], oneBucket(1))
  const silent = await scriptedPeer()
  await meet(node, silent)
  clock.advance(11 * MINUTE)
  silent.answersPings = false
  const knocker = await scriptedPeer()

  return { node, silent, knocker, knocked: knock(node, knocker).then(() => 'done') }
}

/** A peer connects and wants to be in the routing table */
async function knock ({ node, dht }: ObservedNode, peer: ScriptedPeer): Promise<void> {
  await node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
  await dht.routingTable.add(peer.peerId)
}

async function misbehave (node: ObservedNode, peer: ScriptedPeer): Promise<void> {
  peer.script = () => Uint8Array.of(2, 8, 99)

  for (let requests = 0; requests < 8; requests++) {
    await drain(request(node.dht.network, peer.peerId, { type: 'FIND_NODE', key: Uint8Array.of(1) }))
  }
}

function contactsOf ({ dht }: ObservedNode): KBucketPeer[] {
  return [...dht.routingTable.kb.toIterable()]
}

async function pause (ms: number): Promise<string> {
  return new Promise(resolve => { setTimeout(() => { resolve('still waiting') }, ms) })
}
