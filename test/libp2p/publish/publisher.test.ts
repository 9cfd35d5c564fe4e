import all from 'it-all'
import { expect, test } from 'vitest'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet, quietNode } from '../test-node.ts'
import { scoredKadDHT } from '../../../src/service.ts'
import { named } from '../../conformance/named.ts'

const KEY = new TextEncoder().encode('/test/key')

test('a put waits for as many holders as `returnAfter` says', async () => {
  const started = performance.now()
  const { node } = await quietNode(init => scoredKadDHT({ ...init, kBucketSize: 3, publishing: { returnAfter: 1 } }))
  const peers = await Promise.all([0, 60_000, 60_000].map(async ms => scriptedPeer({
    script: async ({ type, record }) => {
      await new Promise(resolve => type === 'PUT_VALUE' ? setTimeout(resolve, ms).unref() : resolve(undefined))
      return { record }
    }
  })))
  await meet({ node, dht: undefined as never }, ...peers)

  const events = await all(node.services.dht.put(KEY, Uint8Array.of(1)))

  expect(named(events, 'PEER_RESPONSE').filter(({ messageName }) => messageName === 'PUT_VALUE').map(({ from }) => from.toString())).toEqual([peers[0].peerId.toString()])
  expect(performance.now() - started).toBeLessThan(4_000)
})

test('a put and a provide with nobody to ask end without a holder', async () => {
  const { dht } = await countingNode()

  expect(named(await all(dht.put(KEY, Uint8Array.of(1))), 'PEER_RESPONSE')).toEqual([])
})
