import all from 'it-all'
import { expect, test, vi } from 'vitest'
import { BulkSender } from '../../../../src/libp2p/publish/bulk/bulk-sender.ts'
import { RequestContexts } from '../../../../src/libp2p/lookup/request-context.ts'
import { SingleRequests } from '../../../../src/libp2p/lookup/single-requests.ts'
import { entryOf, scriptedPeer } from '../../scripted-peer.ts'
import { countingNode, meet, outcomesOf } from '../../test-node.ts'
import { providerKeys, valueKeys } from '../../../../src/libp2p/publish/bulk/keys-of.ts'
import { cids } from './publishing-network.ts'
import type { NewKey } from '../../../../src/persistence/published/published-key.ts'
import type { SentKeys } from '../../../../src/libp2p/publish/bulk/bulk-sender.ts'
import type { Script, ScriptedPeer } from '../../scripted-peer.ts'

async function send (script: Script, keys: NewKey[]): Promise<{ sent: SentKeys<NewKey>, peer: ScriptedPeer, results: string[], outcome: string | undefined }> {
  const node = await countingNode()
  const peer = await scriptedPeer({ script })
  await meet(node, peer)
  const results: string[] = []
  const { dht } = node
  // the contexts of the service itself: its streams look there
  const sender = new BulkSender({
    network: dht.network,
    contexts: new RequestContexts(),
    requests: new SingleRequests({ table: dht.scoredRoutingTable, book: { get: () => undefined, add: async () => ({ kadId: new Uint8Array(32) }) as never } }),
    timeoutMs: 2_000,
    now: () => performance.now(),
    self: () => entryOf(node.node.peerId, node.node.getMultiaddrs()),
    onStore: result => { results.push(result) }
  })
  const sent = await sender.send(peer.peerId, keys, AbortSignal.timeout(5_000))

  return { sent, peer, results, outcome: outcomesOf(node, peer.peerId).last }
}

test('values are stored one by one, and those without an echo are refused, also where a batch has no others', async () => {
  const keys = await all(valueKeys(Array.from({ length: 20 }, (_, i) => ({ key: new TextEncoder().encode(`/test/${i}`), value: Uint8Array.of(i) }))))
  let puts = 0
  const { sent, results } = await send(({ record }) => ({ record: puts++ < 8 ? undefined : record }), keys)

  expect(sent.stored).toHaveLength(12)
  expect(sent.refused).toHaveLength(8)
  expect(results.toSorted()).toEqual([...new Array(12).fill('confirmed'), ...new Array(8).fill('refused')])
})

test('a peer that does not answer to any of a batch gets no other', async () => {
  const keys = await all(valueKeys(Array.from({ length: 40 }, (_, i) => ({ key: new TextEncoder().encode(`/test/${i}`), value: Uint8Array.of(i) }))))
  const { sent, peer } = await send(() => undefined, keys)

  expect(sent).toEqual({ stored: [], refused: [] })
  expect(peer.requests).toHaveLength(8)
})

test('nothing to send is no request', async () => {
  const { sent, peer } = await send(() => ({}), [])

  expect(sent).toEqual({ stored: [], refused: [] })
  expect(peer.requests).toEqual([])
})

test('provider keys of another hash than SHA2-256 are sent alone', async () => {
  const keys = (await all(providerKeys(await cids(3)))).map(key => ({ ...key, key: Uint8Array.of(0, 2, ...key.key.subarray(2, 4)) }))
  const { sent, peer } = await send(() => undefined, keys)

  expect(sent.stored).toHaveLength(3)
  await vi.waitFor(() => { expect(peer.requests.map(({ type }) => type)).toEqual(new Array(3).fill('ADD_PROVIDER')) })
})
