import { describe, expect, test } from 'vitest'
import { admitSpeakers } from '../../../src/kad-dht/overrides/admit-speakers.ts'
import { strangerId } from '../../libp2p/test-node.ts'
import type { KBucketPeer } from '../../../src/kad-dht/internals.ts'

describe('a peer that wants to be in the routing table', () => {
  test.each<[string, { answers?: boolean, excluded?: boolean, excludedLater?: boolean }, { admitted: boolean, pinged: boolean }]>([
    ['is admitted when it answers a ping', {}, { admitted: true, pinged: true }],
    ['is not when it does not', { answers: false }, { admitted: false, pinged: true }],
    ['is not even pinged when it does not speak the protocol', { excluded: true }, { admitted: false, pinged: false }],
    ['is not when that turns out during the ping', { excludedLater: true }, { admitted: false, pinged: true }]
  ])('%s', async (_, { answers = true, excluded = false, excludedLater = excluded }, expected) => {
    const contact: KBucketPeer = { peerId: await strangerId(), kadId: new Uint8Array(32), lastPing: 0 }
    const others = new Set(excluded ? [contact.peerId.toString()] : [])
    let pinged = false
    const verify = admitSpeakers(async () => {
      pinged = true

      if (excludedLater) {
        others.add(contact.peerId.toString())
      }

      return answers
    }, { speakers: { excludes: peer => others.has(peer) } })

    expect({ admitted: await verify(contact), pinged }).toEqual(expected)
  })
})
