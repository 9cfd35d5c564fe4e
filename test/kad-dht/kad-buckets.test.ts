import { kadDHT } from '@libp2p/kad-dht'
import { describe, expect, test } from 'vitest'
import { KadBuckets } from '../../src/kad-dht/kad-buckets.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { quietNode, strangerId } from '../libp2p/test-node.ts'
import type { KBucketPeer } from '../../src/kad-dht/internals.ts'

describe('the view of kad-dht\'s buckets', () => {
  test('is empty until it is attached, and tells then of those that are in them', async () => {
    const { dht: { routingTable } } = await quietNode(kadDHT, {}, { start: false })
    const contact = await newContact()
    const peer = contact.peerId.toString()
    const buckets = new KadBuckets()
    const told: string[] = []
    buckets.subscribe({ added: entry => { told.push(entry.peer) }, removed: () => {} })
    routingTable.kb.root = { peers: [contact] }

    expect([...buckets.entries()]).toEqual([])
    buckets.attach(routingTable)
    expect([...buckets.entries()]).toEqual([{ peer, kadId: contact.kadId }])
    expect(told).toEqual([peer])
  })

  test('tells of who enters and who leaves', async () => {
    const contact = await newContact()
    const peer = contact.peerId.toString()
    const buckets = new KadBuckets()
    const told: string[] = []
    buckets.subscribe({ added: entry => { told.push(`+ ${entry.peer}`) }, removed: entry => { told.push(`- ${entry.peer}`) } })

    buckets.added(contact)
    buckets.removed(contact)

    expect(told).toEqual([`+ ${peer}`, `- ${peer}`])
  })
})

async function newContact (): Promise<KBucketPeer> {
  const peerId = await strangerId()

  return { peerId, kadId: await kadIdOf(peerId.toMultihash().bytes), lastPing: 0 }
}
