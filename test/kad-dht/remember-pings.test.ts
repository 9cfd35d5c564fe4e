import { expect, test } from 'vitest'
import { scriptedPeer } from '../libp2p/scripted-peer.ts'
import { settableClock } from '../libp2p/settable-clock.ts'
import { BOTH, meet, quietNode } from '../libp2p/test-node.ts'

const HOUR = 3_600_000

test.each([
  ['kadDHT', false],
  ['scoredKadDHT', true]
] as const)('with %s a peer of a bucket that answers a ping has its time noted: %s', async (name, isNoted) => {
  const clock = settableClock()
  const node = await quietNode(BOTH[name])
  const peer = await scriptedPeer()
  await meet(node, peer)
  const [contact] = [...node.dht.routingTable.kb.toIterable()]
  const enteredAt = contact.lastPing
  clock.stepBy(HOUR)

  for await (const silent of node.dht.routingTable.kb.ping([contact])) {
    expect.unreachable(`${silent.peerId} has not answered`)
  }

  expect(contact.lastPing >= enteredAt + HOUR).toBe(isNoted)
})

test('a ping of a peer that is in no bucket does no harm', async () => {
  const node = await quietNode(BOTH.scoredKadDHT)
  const peer = await scriptedPeer()
  await meet(node, peer)
  await node.dht.routingTable.remove(peer.peerId)
  node.dht.routingTable.dispatchEvent(new CustomEvent('peer:ping', { detail: peer.peerId }))

  expect(node.dht.routingTable.size).toBe(0)
})
