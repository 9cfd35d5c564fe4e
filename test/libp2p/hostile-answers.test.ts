import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { Registry } from 'prom-client'
import { concat } from 'uint8arrays/concat'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dhtMessageCodec } from '../../src/kad-dht/dht-message.ts'
import { ids } from '../conformance/test-network.ts'
import { entryOf, scriptedPeer } from './scripted-peer.ts'
import { BOTH, countingNode, meet, outcomesOf, quietNode, request, strangerId } from './test-node.ts'
import type { DHTMessage, DHTMessagePeer } from '../../src/kad-dht/dht-message.ts'
import type { Script, ScriptedPeer } from './scripted-peer.ts'
import type { ScoredNode } from './test-node.ts'
import type { PeerId, Stream } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')
const FIND_NODE = { type: 'FIND_NODE', key: KEY } as const

const MIB = 2 ** 20

/** k is 20, twice as many entries of a response are looked at */
const MOST_ENTRIES = 40

/** How long a request may take where the answer is not large, ms */
const TIMEOUT_MS = 400

const UNUSED = multiaddr('/ip4/127.0.0.1/tcp/1')

describe('hostile answers', () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => { unhandled.push(reason) }

  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })

  afterEach(() => {
    process.off('unhandledRejection', note)
    expect(unhandled).to.deep.equal([])
  })

  test.each<{ name: string, script: Script, last: string, timeoutMs?: number }>([
    { name: 'a stream that ends without an answer', script: async (_, stream) => { await stream.close(); return undefined }, last: 'protocolError' },
    { name: 'a truncated message', script: async (_, stream) => { stream.send(framed(answerNaming(50)).subarray(0, 30)); await stream.close(); return undefined }, last: 'protocolError' },
    { name: 'a stream that is reset in the middle', script: (_, stream) => { stream.send(framed(answerNaming(50)).subarray(0, 30)); stream.abort(new Error('bye')); return undefined }, last: 'protocolError' },
    { name: 'a frame of random bytes', script: () => framed(randomBytes(300)), last: 'protocolError' },
    { name: 'a frame of 0xff', script: () => framed(new Uint8Array(64).fill(0xff)), last: 'protocolError' },
    { name: 'a length that never ends', script: (_, stream) => flood(stream, new Uint8Array(MIB).fill(0xff)), last: 'protocolError' },
    { name: 'a length above 4 MiB', script: () => varint(4 * MIB + 1), last: 'protocolError' },
    { name: '5 MiB at once', script: (_, stream) => flood(stream, framed(randomBytes(5 * MIB))), last: 'protocolError', timeoutMs: 5_000 },
    { name: 'a length of 4 MiB and 10 bytes', script: () => concat([varint(4 * MIB), new Uint8Array(10)]), last: 'timedOut' },
    { name: 'a length of 4 MiB and a byte every now and then without end', script: (_, stream) => drip(stream, concat([varint(4 * MIB), new Uint8Array(10_000)]), 1, 5), last: 'timedOut' },
    { name: 'a message of no bytes', script: () => Uint8Array.of(0), last: 'protocolError' },
    { name: 'a message of another type than the request\'s', script: () => ({ type: 'GET_PROVIDERS' }), last: 'protocolError' },
    { name: '3 MiB of zeroes in one frame', script: (_, stream) => flood(stream, framed(new Uint8Array(3 * MIB))), last: 'protocolError', timeoutMs: 5_000 },
    { name: 'an answer in fragments of one byte', script: ({ type }, stream) => drip(stream, framed(dhtMessageCodec.encode({ type })), 1, 0), last: 'responded' },
    { name: 'an answer that drips slowly, but within the time-out', script: ({ type }, stream) => drip(stream, framed(dhtMessageCodec.encode({ type, key: new Uint8Array(20) })), 4, 20), last: 'responded' },
    { name: 'an answer and 5 MiB that nobody asked for', script: async ({ type }, stream) => { stream.send(framed(dhtMessageCodec.encode({ type }))); return flood(stream, randomBytes(5 * MIB)) }, last: 'responded', timeoutMs: 5_000 }
  ])('$name is $last, and the next request is answered', async ({ script, last, timeoutMs }) => {
    const { node, hostile } = await facing(script, timeoutMs)
    const events = await all(request(node.dht.network, hostile.peerId, FIND_NODE))

    expect(outcomesOf(node, hostile.peerId).last, String(errorOf(events))).to.equal(last)
    expect(node.dht.scores.get(hostile.peerId).class === 'good').to.equal(last === 'responded')

    await expectToWork(node, hostile)
  })

  test('are never an error of the lookup: it goes on with those who answer', async () => {
    const { node, hostile } = await facing(() => framed(randomBytes(100)))
    const honest = await scriptedPeer()
    await meet(node, honest)

    expect(ids(closest(await all(node.dht.getClosestPeers(KEY))))).to.deep.equal(ids([honest.peerId]))
    expect(outcomesOf(node, hostile.peerId).last).to.equal('protocolError')
  })

  test('that name themselves and us start nothing', async () => {
    const { node, hostile } = await facing(() => ({
      closer: [entryOf(hostile.peerId, [UNUSED]), entryOf(node.node.peerId, node.node.getMultiaddrs()), entryOf(node.node.peerId, [UNUSED])]
    }))

    const found = closest(await all(node.dht.getClosestPeers(KEY)))

    expect(ids(found)).to.deep.equal(ids([hostile.peerId]))
    expect(hostile.requests.length, 'asked once').to.equal(1)
    expect(outcomesOf(node, node.node.peerId).count, 'no outcome of our own').to.equal(0)
    expect(node.dht.routingTable.size).to.equal(1)
  })

  test('with thousands of peers cost two times k: the book, the peer store, the table and the lookup hold no more', async () => {
    const strangers = await Promise.all(Array.from({ length: 2_000 }, strangerId))
    const { node, hostile, dropped } = await facing(() => ({ closer: strangers.map(id => entryOf(id, [UNUSED])) }))
    const storedBefore = (await node.node.peerStore.all()).length

    const events = await all(node.dht.getClosestPeers(KEY))
    const asked = new Set(events.flatMap(event => event.name === 'DIAL_PEER' ? [event.peer.toString()] : []))

    expect(events.flatMap(event => event.name === 'PEER_RESPONSE' ? [event.closer.length] : [])).to.deep.equal([MOST_ENTRIES])
    expect(await dropped('surplus')).to.equal(2_000 - MOST_ENTRIES)
    expect(asked.size).to.be.at.most(MOST_ENTRIES + 1)
    expect((await node.node.peerStore.all()).length - storedBefore).to.be.at.most(MOST_ENTRIES)
    expect(node.dht.scores.size).to.be.at.most(MOST_ENTRIES + 1)
    expect(strangers.filter(id => node.dht.scores.get(id).addresses.length > 0).length).to.be.at.most(MOST_ENTRIES)
    await expectToWork(node, hostile)
  })

  test('with a thousand addresses for one peer leave eight', async () => {
    const id = await strangerId()
    const addresses = Array.from({ length: 1_000 }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${i + 1}`))
    const { node, hostile } = await facing(() => ({ closer: [entryOf(id, addresses)] }))
    const events = await all(request(node.dht.network, hostile.peerId, FIND_NODE))

    expect(namedIn(events)[0].multiaddrs.length).to.equal(32)
    await expect.poll(() => node.dht.scores.get(id).addresses.length).to.equal(8)
  })

  test('with peers without addresses dial nobody', async () => {
    const stranger = await strangerId()
    const { node } = await facing(() => ({ closer: [entryOf(stranger, [])] }))
    const events = await all(node.dht.getClosestPeers(KEY))

    expect(events.filter(event => event.name === 'DIAL_PEER' && event.peer.equals(stranger))).to.deep.equal([])
    expect(outcomesOf(node, stranger).count).to.equal(0)
  })

  test('with the same peer a hundred times ask it once', async () => {
    const twin = await scriptedPeer()
    const { node } = await facing(() => ({ closer: Array.from({ length: 100 }, () => entryOf(twin.peerId, twin.node.getMultiaddrs())) }))

    expect(ids(closest(await all(node.dht.getClosestPeers(KEY))))).to.include(twin.peerId.toString())
    expect(twin.requests.length).to.equal(1)
  })

  describe('with malformed entries beside good ones', () => {
    const malformed: DHTMessagePeer[] = [
      { id: new Uint8Array(0), multiaddrs: [] },
      { id: Uint8Array.of(1, 2, 3), multiaddrs: [] },
      { id: new Uint8Array(5_000).fill(7), multiaddrs: [] }
    ]

    test('lose these alone, which a metric counts', async () => {
      const good = await scriptedPeer()
      const { node, dropped } = await facing(() => ({
        closer: [...malformed, { ...entryOf(good.peerId, good.node.getMultiaddrs()), multiaddrs: [Uint8Array.of(255, 255), Uint8Array.of(4, 127), ...addressBytes(good)] }]
      }))

      expect(ids(closest(await all(node.dht.getClosestPeers(KEY))))).to.include(good.peerId.toString())
      expect(await dropped('malformed')).to.equal(malformed.length)
    })

    test.each([
      { name: 'kadDHT', entries: 0 },
      { name: 'scoredKadDHT', entries: 1 }
    ] as const)('$name makes use of $entries', async ({ name, entries }) => {
      const stranger = await strangerId()
      const node = await quietNode(BOTH[name])
      const hostile = await scriptedPeer({ script: () => ({ closer: [...malformed, entryOf(stranger, [UNUSED])] }) })
      await meet(node, hostile)

      expect(namedIn(await all(request(node.dht.network, hostile.peerId, FIND_NODE))).length).to.equal(entries)
    })
  })

  test.each<{ name: string, record: Uint8Array<ArrayBuffer>, last: string }>([
    { name: 'a record for another key', record: recordOf('/test/other'), last: 'invalidRecord' },
    { name: 'a record that is none', record: Uint8Array.of(255, 255, 255), last: 'protocolError' }
  ])('with $name give no value and are $last', async ({ record, last }) => {
    const { node, hostile } = await facing(({ type }) => type === 'GET_VALUE' ? { record } : {})
    const events = await all(node.dht.get(KEY)).catch((err: Error) => err)

    expect(Array.isArray(events) ? events.filter(({ name }) => name === 'VALUE') : []).to.deep.equal([])
    await expect.poll(() => outcomesOf(node, hostile.peerId).last).to.equal(last)
    await expectToWork(node, hostile)
  })
})

interface Facing {
  node: ScoredNode
  hostile: ScriptedPeer
  /** Entries of responses that were dropped so far */
  dropped: (reason: 'malformed' | 'surplus') => Promise<number>
}

/** A scored node whose routing table holds a peer that answers as told */
async function facing (script: Script, timeoutMs = TIMEOUT_MS): Promise<Facing> {
  const registry = new Registry()
  const node = await countingNode({ networkDialTimeout: { minTimeout: timeoutMs } }, { metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }) }, {
    parameters: { weightCap: 1 }
  })
  const hostile = await scriptedPeer({ script })
  await meet(node, hostile)

  return {
    node,
    hostile,
    dropped: async reason => {
      const { values } = await registry.getSingleMetric('libp2p_kad_dht_score_dropped_entries_total')?.get() ?? { values: [] }

      return values.find(({ labels }) => labels.reason === reason)?.value ?? 0
    }
  }
}

/** The same peer answers as it should from now on, and is found */
async function expectToWork (node: ScoredNode, peer: ScriptedPeer): Promise<void> {
  peer.script = () => ({})

  expect((await all(request(node.dht.network, peer.peerId, FIND_NODE))).at(-1)?.name).to.equal('PEER_RESPONSE')
  expect(ids(closest(await all(node.dht.getClosestPeers(KEY))))).to.include(peer.peerId.toString())
}

function closest (events: QueryEvent[]): PeerId[] {
  return events.flatMap(event => event.name === 'FINAL_PEER' ? [event.peer.id] : [])
}

function namedIn (events: QueryEvent[]) {
  return events.flatMap(event => event.name === 'PEER_RESPONSE' ? event.closer : [])
}

function errorOf (events: QueryEvent[]): Error | undefined {
  return events.flatMap(event => event.name === 'QUERY_ERROR' ? [event.error] : [])[0]
}

function answerNaming (peers: number): Uint8Array {
  return dhtMessageCodec.encode({ type: 'FIND_NODE', closer: Array.from({ length: peers }, () => ({ id: new Uint8Array(34), multiaddrs: [] })) })
}

function recordOf (key: string): DHTMessage['record'] & {} {
  const bytes = new TextEncoder().encode(key)

  return Uint8Array.of(10, bytes.length, ...bytes, 18, 1, 1)
}

function addressBytes ({ node, peerId }: ScriptedPeer): DHTMessagePeer['multiaddrs'] {
  return entryOf(peerId, node.getMultiaddrs()).multiaddrs
}

function framed (message: Uint8Array): Uint8Array {
  return concat([varint(message.length), message])
}

function varint (value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : concat([Uint8Array.of(value % 128 + 128), varint(Math.floor(value / 128))])
}

/** The same on each run */
function randomBytes (length: number): Uint8Array {
  let state = 42

  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223

    return state >>> 24
  })
}

/** Send as fast as the stream takes it, until it is closed */
async function flood (stream: Stream, bytes: Uint8Array): Promise<undefined> {
  for (let start = 0; start < bytes.length && stream.status === 'open'; start += 65_536) {
    if (!stream.send(bytes.subarray(start, start + 65_536))) {
      await stream.onDrain()
    }
  }
}

/** Send a few bytes at a time, until the stream is closed */
async function drip (stream: Stream, bytes: Uint8Array, step: number, pauseMs: number): Promise<undefined> {
  for (let start = 0; start < bytes.length && stream.status === 'open'; start += step) {
    stream.send(bytes.subarray(start, start + step))
    await new Promise(resolve => { setTimeout(resolve, pauseMs) })
  }
}
