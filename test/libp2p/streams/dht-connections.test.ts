import { beforeEach, describe, expect, test } from 'vitest'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { DHTConnections } from '../../../src/libp2p/streams/dht-connections.ts'
import { RequestStream } from '../../../src/libp2p/streams/request-stream.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { componentsOf } from '../components-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { Libp2p } from '@libp2p/interface'

const REQUEST: Partial<DHTMessage> = { type: 'FIND_NODE', key: Uint8Array.of(1) }

let node: Libp2p
let book: PeerBook
let contexts: RequestContexts
let connections: DHTConnections
let agreed: string[]
let peer: ScriptedPeer

beforeEach(async () => {
  const { node: created, components } = await componentsOf()
  node = created
  agreed = []
  contexts = new RequestContexts()
  book = new PeerBook(components, { maxPeers: 100, keeps: () => true, peerInfoMapper: info => info, now: () => 0 })
  connections = new DHTConnections(components, {
    book,
    contexts,
    connectDeadlineMs: () => 500,
    speakers: { agreed: id => { agreed.push(id.toString()) } },
    protocol: PROTOCOL
  })
  peer = await scriptedPeer()
  await book.learn({ id: peer.peerId, multiaddrs: peer.node.getMultiaddrs() })
})

async function open (signal = AbortSignal.timeout(5_000)): Promise<RequestStream> {
  return RequestStream.of(await connections.component.openStream(peer.peerId, PROTOCOL, { signal }))
}

describe('the connection manager of kad-dht', () => {
  test('is libp2p\'s own but for the streams of the protocol', async () => {
    const { connectionManager } = (await componentsOf()).components
    const component = new DHTConnections({ connectionManager, peerStore: node.peerStore }, { book, contexts, connectDeadlineMs: () => 500, speakers: { agreed: () => {} }, protocol: PROTOCOL }).component

    expect(Object.getPrototypeOf(component)).toBe(connectionManager)
    expect(Object.keys(Object.getOwnPropertyDescriptors(component))).toEqual(['openStream'])
  })

  test('gives the stream of another protocol as libp2p does', async () => {
    await node.dial(peer.node.getMultiaddrs())
    const stream = await connections.component.openStream(peer.peerId, '/ipfs/ping/1.0.0', { signal: AbortSignal.timeout(5_000) })

    expect(stream).toMatchObject({ protocol: '/ipfs/ping/1.0.0', status: 'open' })
    expect(agreed).toEqual([])
  })

  test('dials a peer at the addresses that the book knows', async () => {
    const stream = await open()

    expect(await stream.exchange(REQUEST, {})).toMatchObject({ type: 'FIND_NODE' })
    expect(peer.requests.map(({ type, key }) => [type, [...key ?? []]])).toEqual([['FIND_NODE', [1]]])
    expect(agreed).toEqual([peer.peerId.toString()])
  })

  test('opens a stream when there is something to send on it, and one for each request', async () => {
    const [first, second] = [await open(), await open()]
    expect(peer.streams).toBe(0)

    await first.exchange(REQUEST, {})
    await first.close()
    await second.exchange(REQUEST, {})
    expect(peer.streams).toBe(2)
    expect(node.getConnections(peer.peerId)).toHaveLength(1)
  })

  test('connects anew for a request whose connection is gone by then', async () => {
    await node.dial(peer.node.getMultiaddrs())
    const stream = await open()
    await node.hangUp(peer.peerId)

    expect(await stream.exchange(REQUEST, {})).toMatchObject({ type: 'FIND_NODE' })
    expect(node.getConnections(peer.peerId)).toHaveLength(1)
  })

  test('tells a request of the first sign of life, where it has to dial', async () => {
    const { signal } = new AbortController()
    const told: string[] = []
    contexts.set(signal, { hardDeadlineMs: 5_000, dialPriority: 0, onReached: () => { told.push('reached') }, onHeld: () => { told.push('held') }, onSettled: () => {} })
    await open(signal)
    await open(signal)

    expect(told).toEqual(['reached'])
  })
})

describe('a dial', () => {
  test('is not made where there is a connection', async () => {
    const connection = await node.dial(peer.node.getMultiaddrs())
    await connections.dial(peer.peerId, {})

    expect(node.getConnections(peer.peerId)).toEqual([connection])
  })
})
