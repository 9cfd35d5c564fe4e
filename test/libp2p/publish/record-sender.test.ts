import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { providerStoredEvent, ProviderSender, ValueSender } from '../../../src/libp2p/publish/record-sender.ts'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import { SingleRequests } from '../../../src/libp2p/lookup/single-requests.ts'
import { holds } from '../../kad-dht/value-holders.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet, outcomesOf } from '../test-node.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { RecordSender } from '../../../src/libp2p/publish/record-sender.ts'
import type { Script } from '../scripted-peer.ts'
import type { ScoredNode } from '../test-node.ts'

const PATH = { index: -1, queued: 0, running: 0, total: 0 }
const SHA2_256 = Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))

/** What is known after a record was sent to a peer with this script, what the sender told, and what counted for the score */
async function send (script: Script, senderOf: (node: ScoredNode) => RecordSender): Promise<{ result: string, events: string[], outcome: string | undefined, requests: string[] }> {
  const node = await countingNode()
  const peer = await scriptedPeer({ script })
  await meet(node, peer)
  const events: string[] = []
  const result = await senderOf(node).send(peer.peerId, { path: PATH, signal: AbortSignal.timeout(1_000) }, event => { events.push(event.name === 'PEER_RESPONSE' ? `${event.name} ${event.messageName}` : event.name) })

  return { result, events, outcome: outcomesOf(node, peer.peerId).last, requests: peer.requests.map(({ type }) => type) }
}

function valueSender ({ dht }: ScoredNode): RecordSender {
  const record = holds(3)({ type: 'GET_VALUE', closer: [], providers: [] }, undefined as never) as Partial<DHTMessage>

  return new ValueSender(dht.network, { type: 'PUT_VALUE', key: new TextEncoder().encode('/test/key'), record: record.record }, Uint8Array.of(3))
}

function providerSender (key: Uint8Array): (node: ScoredNode) => RecordSender {
  return ({ node, dht }) => new ProviderSender({
    network: dht.network,
    contexts: new RequestContexts(),
    requests: new SingleRequests({ table: dht.scoredRoutingTable, book: { get: () => undefined, add: async () => { throw new Error('not to be called') } } }),
    timeoutMs: 1_000,
    now: () => 0
  }, { type: 'ADD_PROVIDER', key: key as Uint8Array<ArrayBuffer>, providers: [entryOf(node.peerId, node.getMultiaddrs())] })
}

test('a value is confirmed by its echo', async () => {
  expect(await send(({ record }) => ({ record }), valueSender)).toEqual({ result: 'confirmed', events: ['DIAL_PEER', 'SEND_QUERY', 'PEER_RESPONSE PUT_VALUE'], outcome: 'stored', requests: ['PUT_VALUE'] })
})

test.each<[string, Script]>([
  ['another value', () => holds(4)({ type: 'GET_VALUE', closer: [], providers: [] }, undefined as never)],
  ['no value', () => ({})]
])('an echo of %s is a refusal, and told as a failure', async (_, script) => {
  const { result, events } = await send(script, valueSender)

  expect(result).toBe('refused')
  expect(events.at(-1)).toBe('QUERY_ERROR')
})

test('a peer that resets the stream refuses the value, as Go does', async () => {
  expect((await send((_, stream) => { stream.abort(new Error('no')) }, valueSender)).result).toBe('refused')
})

test('a peer that never echoes has not stored the value', async () => {
  expect((await send(() => undefined, valueSender)).result).toBe('failed')
})

test('a provider record of another hash than SHA2-256 can\'t go ahead of a question, and is only known to be sent', async () => {
  const identity = Uint8Array.of(0, 3, 1, 2, 3)

  expect(await send(() => undefined, providerSender(identity))).toMatchObject({ result: 'sent', events: ['DIAL_PEER', 'SEND_QUERY', 'PEER_RESPONSE ADD_PROVIDER'] })
  expect(providerSender(identity)(await countingNode()).ahead).toBeUndefined()
  expect(providerSender(SHA2_256)(await countingNode()).ahead?.type).toBe('ADD_PROVIDER')
})

test('the event of a stored provider record is reported as progress, too', async () => {
  const { node } = await countingNode()
  const told: unknown[] = []
  const event = providerStoredEvent(node.peerId, { path: PATH, onProgress: ({ type, detail }) => { told.push(type, detail) } })

  expect(event).toMatchObject({ name: 'PEER_RESPONSE', messageName: 'ADD_PROVIDER', from: node.peerId })
  expect(told).toEqual(['kad-dht:query:peer-response', event])
  expect(CID.createV1(raw.code, Digest.decode(SHA2_256)).multihash.bytes).toEqual(SHA2_256)
})
