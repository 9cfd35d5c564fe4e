import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import drain from 'it-drain'
import { describe, expect, test, vi } from 'vitest'
import { dhtMessageCodec } from '../../../src/kad-dht/dht-message.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { refusingAddress, silentPort } from '../silent-port.ts'
import { BOTH, countingNode, meet, outcomesOf, quietNode, request, strangerId } from '../test-node.ts'
import type { ScoredNode } from '../test-node.ts'
import type { Script, ScriptedPeer } from '../scripted-peer.ts'
import type { PeerId, Stream } from '@libp2p/interface'
import type { KadDHTInit, QueryEvent } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'

const KEY = new TextEncoder().encode('/test/key')
const FIND_NODE = { type: 'FIND_NODE', key: KEY } as const

/** Requests that are no lookup's end after this time, ms */
const TIMEOUT_MS = 200
const SHORT_TIMEOUTS: KadDHTInit = { networkDialTimeout: { minTimeout: TIMEOUT_MS } }

/** Lookups give up a slot after 60 ms, and a peer after a second */
const SHORT_SOFT_DEADLINES = { parameters: { initialLatencyMs: 10, initialLatencyDeviationMs: 1, minSoftDeadlineMs: 60, maxSoftDeadlineMs: 60 } }

describe('a request to a peer that we are connected to', () => {
  test('that is answered is `responded`, with its latency', async () => {
    const { node, peer } = await connected(async () => { await pause(50); return {} })

    expect(await outcomesOfRequest(node, peer.peerId)).toEqual({ added: 1, last: 'responded' })
    expect(node.dht.scores.get(peer.peerId).record?.latencyMs).toBeGreaterThan(5)
  })

  test.each<[string, Script, string]>([
    ['is never answered', () => undefined, 'timedOut'],
    ['has its stream reset', (_, stream) => { stream.abort(new Error('go away')); return undefined }, 'protocolError'],
    ['has its stream closed', async (_, stream) => { await stream.close(); return undefined }, 'protocolError'],
    ['gets bytes that are no message', () => Uint8Array.of(3, 0xff, 0xff, 0xff), 'protocolError'],
    ['gets half a message', (_, stream) => { stream.send(Uint8Array.of(200, 1, 8, 4)); return undefined }, 'timedOut'],
    ['gets a message of unknown type', () => Uint8Array.of(2, 8, 99), 'protocolError']
  ])('that %s is one outcome', async (_, script, outcome) => {
    const { node, peer } = await connected(script, SHORT_TIMEOUTS)

    expect(await outcomesOfRequest(node, peer.peerId)).toEqual({ added: 1, last: outcome })
  })

  test('with a malformed entry in its answer is `responded`: only the entry is lost', async () => {
    const id = await strangerId()
    const { node, peer } = await connected(() => ({ closer: [{ id: Uint8Array.of(1, 2, 3), multiaddrs: [] }, entryOf(id, [multiaddr('/ip4/127.0.0.1/tcp/1')])] }))
    const events = await all(request(node.dht.network, peer.peerId, FIND_NODE))

    expect(events.at(-1)).toMatchObject({ name: 'PEER_RESPONSE', closer: [{ id }] })
    expect(outcomesOf(node, peer.peerId).last).toBe('responded')
  })

  test.each([false, true])('of a server that closes its streams after each answer (%s) is `responded` each time', async closesStreams => {
    const { node, peer } = await connected()
    peer.closesStreams = closesStreams

    for (let requests = 0; requests < 3; requests++) {
      expect(await outcomesOfRequest(node, peer.peerId)).toEqual({ added: 1, last: 'responded' })
    }
  })

  test('that no longer speaks the protocol is `protocolError`, and the peer leaves the table at once', async () => {
    const { node, peer } = await connected()
    await peer.node.unhandle(PROTOCOL)

    expect(await outcomesOfRequest(node, peer.peerId)).toEqual({ added: 1, last: 'protocolError' })
    await vi.waitFor(() => { expect(node.dht.routingTable.size).toBe(0) })
  })

  test('that stores is `stored` when the answer is back', async () => {
    const { node, peer } = await connected(({ record }) => ({ record }))
    const before = outcomesOf(node, peer.peerId).count
    const record = Uint8Array.of(10, 1, 1, 18, 1, 1) as Uint8Array<ArrayBuffer>
    await drain(request(node.dht.network, peer.peerId, { type: 'PUT_VALUE', key: KEY, record }))

    expect(outcomesOf(node, peer.peerId)).toEqual({ count: before + 1, last: 'stored' })
  })

  test.each([
    ['a record for another key', new TextEncoder().encode('/test/other'), undefined],
    ['a record that its validator refuses', KEY, async () => { throw new Error('forged') }]
  ])('that gets %s is `invalidRecord`', async (_, key, validator) => {
    const { node, peer } = await connected(() => ({ record: recordOf(key) }), { validators: { test: validator ?? (async () => {}) } })

    expect(await outcomesOfRequest(node, peer.peerId, { type: 'GET_VALUE', key: KEY })).toEqual({ added: 1, last: 'invalidRecord' })
  })

  test('that gets the record is `responded`', async () => {
    const { node, peer } = await connected(() => ({ record: recordOf(KEY) }))

    expect(await outcomesOfRequest(node, peer.peerId, { type: 'GET_VALUE', key: KEY })).toEqual({ added: 1, last: 'responded' })
  })
})

describe('a request to a peer that has to be dialled', () => {
  test.each<[string, () => Promise<Multiaddr>]>([
    ['refused', refusingAddress],
    ['timeout', async () => (await silentPort()).address]
  ])('whose dial fails by %s is one `dialFailed`', async (_, address) => {
    const node = await countingNode(SHORT_TIMEOUTS)
    const id = await strangerId()
    await node.node.peerStore.merge(id, { multiaddrs: [await address()] })

    expect(await outcomesOfRequest(node, id)).toEqual({ added: 1, last: 'dialFailed' })
  })

  test('that nobody has an address of is one `dialFailed`, and a milder one', async () => {
    const node = await countingNode(SHORT_TIMEOUTS)
    const [unknown, refusing] = [await strangerId(), await strangerId()]
    await node.node.peerStore.merge(refusing, { multiaddrs: [await refusingAddress()] })
    await outcomesOfRequest(node, refusing)

    expect(await outcomesOfRequest(node, unknown)).toEqual({ added: 1, last: 'dialFailed' })
    expect(node.dht.scores.get(unknown).score).toBeGreaterThan(node.dht.scores.get(refusing).score)
  })

  test.each([
    ['the peer', { denyDialPeer: async () => true }],
    ['its addresses', { denyDialMultiaddr: async () => true }]
  ])('that our connection gater denies by %s is no outcome', async (_, connectionGater) => {
    const node = await countingNode(SHORT_TIMEOUTS, { connectionGater })
    const id = await strangerId()
    await node.node.peerStore.merge(id, { multiaddrs: [await refusingAddress()] })

    expect(await outcomesOfRequest(node, id)).toEqual({ added: 0, last: undefined })
  })

  test('an address that worked is the first to be dialled the next time', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    const [works] = peer.node.getMultiaddrs()
    const dead = await refusingAddress()
    await node.node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
    await introduce(node, peer.peerId, [dead, works])
    await drain(request(node.dht.network, peer.peerId, FIND_NODE))

    await vi.waitFor(() => {
      expect(node.dht.scores.get(peer.peerId).addresses.map(address => address.multiaddr.toString()))
        .toEqual([works.decapsulate(`/p2p/${peer.peerId}`).toString(), dead.toString()])
    })
    expect(node.dht.scores.get(peer.peerId).addresses[0].reliability).toBeGreaterThan(0.5)
  })
})

describe('a request whose caller', () => {
  test('aborts while it waits is no outcome', async () => {
    const { node, peer } = await connected(() => undefined)
    const controller = new AbortController()
    const before = outcomesOf(node, peer.peerId)

    for await (const event of request(node.dht.network, peer.peerId, FIND_NODE, { signal: controller.signal })) {
      if (event.name === 'SEND_QUERY') {
        controller.abort()
      }
    }

    await noRequestsLeft(node)
    expect(outcomesOf(node, peer.peerId)).toEqual(before)
  })

  test('aborts while it dials is no outcome', async () => {
    const node = await countingNode()
    const id = await strangerId()
    await node.node.peerStore.merge(id, { multiaddrs: [(await silentPort()).address] })

    await drain(request(node.dht.network, id, FIND_NODE, { signal: AbortSignal.timeout(100) }))
    expect(outcomesOf(node, id).count).toBe(0)
  })

  test('breaks out of the loop is no outcome', async () => {
    const { node, peer } = await connected(() => undefined, SHORT_TIMEOUTS)
    const before = outcomesOf(node, peer.peerId)

    for await (const event of request(node.dht.network, peer.peerId, FIND_NODE)) {
      if (event.name === 'SEND_QUERY') {
        break
      }
    }

    await noRequestsLeft(node)
    await pause(2 * TIMEOUT_MS)
    expect(outcomesOf(node, peer.peerId)).toEqual(before)
  })

  test.each([
    ['kadDHT', 'QUERY_ERROR'],
    ['scoredKadDHT', 'PEER_RESPONSE']
  ] as const)('pauses longer than the time-out between two events, with %s, ends in %s', async (name, last) => {
    const node = await quietNode(BOTH[name], SHORT_TIMEOUTS)
    const peer = await scriptedPeer()
    await meet(node, peer)
    const events: QueryEvent[] = []

    for await (const event of request(node.dht.network, peer.peerId, FIND_NODE)) {
      events.push(event)
      await pause(1.5 * TIMEOUT_MS)
    }

    expect(events.at(-1)?.name).toBe(last)
  })
})

describe('a lookup', () => {
  test('that gets an answer after the soft deadline has it replace the time-out', async () => {
    const { node, peer } = await connected(async () => { await pause(300); return {} }, {}, SHORT_SOFT_DEADLINES)
    const before = outcomesOf(node, peer.peerId).count
    const seen: unknown[] = []
    const watch = setInterval(() => { seen.push(outcomesOf(node, peer.peerId)) }, 10)
    const events = await all(node.dht.getClosestPeers(KEY))
    clearInterval(watch)

    expect(seen).toContainEqual({ count: before + 1, last: 'timedOut' })
    expect(outcomesOf(node, peer.peerId)).toEqual({ count: before + 1, last: 'responded' })
    expect(events.at(-1)).toMatchObject({ name: 'FINAL_PEER', peer: { id: peer.peerId } })
  })

  test('that gets no answer has one `timedOut`', async () => {
    const { node, peer } = await connected(() => undefined, { networkDialTimeout: { minTimeout: 300, maxTimeout: 300 } }, SHORT_SOFT_DEADLINES)
    const before = outcomesOf(node, peer.peerId).count

    expect((await all(node.dht.getClosestPeers(KEY))).filter(({ name }) => name === 'FINAL_PEER')).toEqual([])
    await pause(400)
    expect(outcomesOf(node, peer.peerId)).toEqual({ count: before + 1, last: 'timedOut' })
  })

  test('that is aborted before the soft deadline leaves no outcome', async () => {
    const { node, peer } = await connected(() => undefined)
    const before = outcomesOf(node, peer.peerId)

    await expect(all(node.dht.getClosestPeers(KEY, { signal: AbortSignal.timeout(50) }))).rejects.toMatchObject({ name: 'AbortError' })
    await pause(200)
    expect(outcomesOf(node, peer.peerId)).toEqual(before)
  })

  test('whose loop is left leaves no outcome', async () => {
    const { node, peer } = await connected(() => undefined)
    const before = outcomesOf(node, peer.peerId)

    for await (const event of node.dht.getClosestPeers(KEY)) {
      if (event.name === 'SEND_QUERY') {
        break
      }
    }

    await noRequestsLeft(node)
    expect(outcomesOf(node, peer.peerId)).toEqual(before)
  })

  test.each([
    ['before', {}, undefined],
    ['after', SHORT_SOFT_DEADLINES, 'timedOut']
  ])('that runs when the node stops %s its soft deadline leaves no further outcome', async (_, scoring, last = 'responded') => {
    const { node, peer } = await connected(() => undefined, {}, scoring)
    const ended = all(node.dht.getClosestPeers(KEY)).catch(() => {})
    await vi.waitFor(() => { expect(peer.requests).toHaveLength(1) })
    await vi.waitFor(() => { expect(outcomesOf(node, peer.peerId).last).toBe(last) })
    const before = outcomesOf(node, peer.peerId)
    await node.node.stop()
    await ended
    await pause(100)

    expect(outcomesOf(node, peer.peerId)).toEqual(before)
  })

  test('tells how the peers that a peer names fare', async () => {
    const dead = await strangerId()
    const address = await refusingAddress()
    const { node, peer } = await connected(() => ({ closer: [entryOf(dead, [address])] }))
    await all(node.dht.getClosestPeers(KEY))

    await vi.waitFor(() => { expect(outcomesOf(node, dead).last).toBe('dialFailed') })
    expect(node.dht.scores.get(peer.peerId).record?.referral).toBeLessThan(0.5)
  })
})

describe('inbound traffic', () => {
  test('moves no score, whatever it is', async () => {
    const node = await countingNode({ clientMode: false })
    const asker = await quietNode(BOTH.kadDHT)
    const prober = await scriptedPeer()
    await asker.node.dial(node.node.getMultiaddrs())
    await prober.node.dial(node.node.getMultiaddrs())
    await vi.waitFor(() => { expect(outcomesOf(node, prober.peerId).last).toBe('responded') })
    const before = scoresOf(node)

    for (const type of ['FIND_NODE', 'GET_VALUE', 'GET_PROVIDERS', 'PING'] as const) {
      await drain(request(asker.dht.network, node.node.peerId, { type, key: KEY }))
    }

    const garbage = await asker.node.dialProtocol(node.node.peerId, PROTOCOL)
    garbage.send(Uint8Array.of(2, 255, 255))
    const reset = await asker.node.dialProtocol(node.node.peerId, PROTOCOL)
    reset.abort(new Error('never mind'))
    const named = await prober.node.dialProtocol(node.node.peerId, PROTOCOL)
    named.send(prefixed({ type: 'ADD_PROVIDER', key: KEY, providers: [entryOf(prober.peerId, prober.node.getMultiaddrs())] }))
    named.send(prefixed({ type: 'PUT_VALUE', key: KEY, record: recordOf(KEY) }))
    await asker.node.services.ping.ping(node.node.peerId)
    await pause(200)

    expect(scoresOf(node)).toEqual(before)
  })
})

describe('a ping that we send', () => {
  test('is an outcome of a peer that is new to the table', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    await meet(node, peer)

    expect(outcomesOf(node, peer.peerId)).toEqual({ count: 1, last: 'responded' })
    expect(peer.pings).toBe(1)
  })

  test('of the user is none', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    await meet(node, peer)
    await node.node.services.ping.ping(peer.peerId)

    expect(peer.pings).toBe(2)
    expect(outcomesOf(node, peer.peerId).count).toBe(1)
  })
})

/** A node that has a scripted peer in its routing table */
async function connected (script?: Script, init: KadDHTInit = {}, scoring = {}): Promise<{ node: ScoredNode, peer: ScriptedPeer }> {
  const node = await countingNode(init, {}, scoring)
  const peer = await scriptedPeer({ script })
  await meet(node, peer)

  return { node, peer }
}

/** What one request added; waits for the second one that there must not be */
async function outcomesOfRequest (node: ScoredNode, to: PeerId, message: Parameters<typeof request>[2] = FIND_NODE): Promise<{ added: number, last: string | undefined }> {
  const before = outcomesOf(node, to).count
  await drain(request(node.dht.network, to, message))
  await pause(50)
  const { count, last } = outcomesOf(node, to)

  return { added: count - before, last }
}

async function introduce ({ dht }: ScoredNode, id: PeerId, multiaddrs: Multiaddr[]): Promise<void> {
  await dht.onPeerConnect({ id, multiaddrs })
}

function scoresOf ({ dht }: ScoredNode): Array<[string, number, string | undefined]> {
  return dht.scores.top(100).map(({ id, record }) => [id.toString(), record?.weight ?? 0, record?.lastOutcome])
}

async function noRequestsLeft ({ node }: ScoredNode): Promise<void> {
  const streams = (): Stream[] => node.getConnections().flatMap(connection => connection.streams).filter(({ protocol }) => protocol === PROTOCOL)

  await vi.waitFor(() => { expect(streams()).toEqual([]) }, { timeout: 5_000 })
}

function recordOf (key: Uint8Array): Uint8Array<ArrayBuffer> {
  const time = new TextEncoder().encode(new Date().toISOString())

  return Uint8Array.of(10, key.length, ...key, 18, 1, 1, 42, time.length, ...time)
}

function prefixed (message: Parameters<typeof dhtMessageCodec.encode>[0]): Uint8Array {
  const bytes = dhtMessageCodec.encode(message)

  return bytes.length < 128 ? Uint8Array.of(bytes.length, ...bytes) : Uint8Array.of(bytes.length & 127 | 128, bytes.length >> 7, ...bytes)
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
