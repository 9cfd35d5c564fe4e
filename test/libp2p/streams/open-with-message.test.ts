import { pbStream } from '@libp2p/utils'
import { describe, expect, test } from 'vitest'
import { dhtMessageCodec } from '../../../src/kad-dht/dht-message.ts'
import { openWithMessage } from '../../../src/libp2p/streams/open-with-message.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode } from '../test-node.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

const NAME = Uint8Array.from([1, 2, 3])
const MESSAGE = Uint8Array.from([4, 5])

interface FakeConnection {
  connection: Connection
  /** What was sent, piece by piece */
  sent: number[][]
  /** The server has agreed on the protocol */
  agree: () => void
}

/**
 * A connection whose muxer makes a stream at once or, as those of WebRTC, a turn later
 */
function fakeConnection ({ late = false } = {}): FakeConnection {
  const sent: number[][] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const streams: Stream[] = []
  const send = (data: Uint8Array | Uint8ArrayList): boolean => sent.push([...data.subarray()]) > 0
  const newStream = async (): Promise<Stream> => {
    if (late) {
      await Promise.resolve()
    }

    const stream = { direction: 'outbound', protocol: '', send } as unknown as Stream
    streams.push(stream)
    await Promise.resolve()
    stream.send(NAME)
    await promise

    return stream
  }

  return { connection: { streams, newStream } as unknown as Connection, sent, agree: resolve }
}

/** A request as it goes over the wire */
function framed (message: Partial<DHTMessage>): Uint8Array {
  const bytes = dhtMessageCodec.encode(message)

  return Uint8Array.from([bytes.byteLength, ...bytes])
}

describe('a stream opened with its first message', () => {
  test("sends it in one piece with the protocol's name, before the server has agreed", async () => {
    const { connection, sent, agree } = fakeConnection()
    const opening = openWithMessage(connection, PROTOCOL, MESSAGE, {})

    await expect.poll(() => sent).toEqual([[1, 2, 3, 4, 5]])

    agree()
    const stream = await opening
    stream.send(NAME)
    expect(sent).toEqual([[1, 2, 3, 4, 5], [1, 2, 3]])
  })

  test('sends it after the agreement where the muxer takes its time to make a stream', async () => {
    const { connection, sent, agree } = fakeConnection({ late: true })
    const opening = openWithMessage(connection, PROTOCOL, MESSAGE, {})

    await expect.poll(() => sent).toEqual([[1, 2, 3]])

    agree()
    await opening
    expect(sent).toEqual([[1, 2, 3], [4, 5]])
  })

  test('gives each of many opened at once its own', async () => {
    const peer = await scriptedPeer()
    const { node } = await countingNode()
    const connection = await node.dial(peer.node.getMultiaddrs())
    const keys = [1, 2, 3, 4, 5].map(byte => new Uint8Array(32).fill(byte))

    const answers = await Promise.all(keys.map(async key => {
      const stream = await openWithMessage(connection, PROTOCOL, framed({ type: 'FIND_NODE', key }), {})

      return pbStream(stream).pb(dhtMessageCodec).read()
    }))

    expect(answers.map(({ type }) => type)).toEqual(keys.map(() => 'FIND_NODE'))
    expect(peer.requests.map(({ key }) => key?.[0]).sort()).toEqual([1, 2, 3, 4, 5])
    expect(peer.streams).toBe(5)
  })

  test('is answered by a server that closes it right after', async () => {
    const peer = await scriptedPeer()
    peer.closesStreams = true
    const { node } = await countingNode()
    const connection = await node.dial(peer.node.getMultiaddrs())
    const stream = await openWithMessage(connection, PROTOCOL, framed({ type: 'PING' }), {})

    expect((await pbStream(stream).pb(dhtMessageCodec).read()).type).toBe('PING')
  })

  test('is answered by a server that resets it right after', async () => {
    const peer = await scriptedPeer()
    const { node } = await countingNode()
    const connection = await node.dial(peer.node.getMultiaddrs())
    peer.script = ({ type }, stream) => {
      stream.send(framed({ type }))
      stream.abort(new Error('no more of this'))

      return undefined
    }

    const stream = await openWithMessage(connection, PROTOCOL, framed({ type: 'PING' }), {})
    const messages = pbStream(stream).pb(dhtMessageCodec)

    expect((await messages.read()).type).toBe('PING')
    await expect(messages.read()).rejects.toHaveProperty('name', 'UnexpectedEOFError')
  })

  test('fails as any other does where the protocol is not spoken', async () => {
    const peer = await scriptedPeer()
    const { node } = await countingNode()
    const connection = await node.dial(peer.node.getMultiaddrs())

    await expect(openWithMessage(connection, '/unknown/1.0.0', MESSAGE, {})).rejects.toHaveProperty('name', 'UnsupportedProtocolError')
    expect(connection.status).toBe('open')
    expect(connection.streams.filter(({ protocol, status }) => protocol === '' && status === 'open')).toEqual([])
  })
})
