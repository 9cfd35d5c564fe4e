import { createServer } from 'node:net'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countedTransport } from '../../../../benchmarks/live/counted-transport.ts'
import { latencyTransport } from '../../../../benchmarks/testnet/links/latency-transport.ts'
import { testnetPeer } from '../../../../benchmarks/testnet/testnet-peer.ts'
import { TrafficLedger } from '../../../../benchmarks/live/traffic-ledger.ts'
import { openWithMessage } from '../../../../src/libp2p/streams/open-with-message.ts'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Ping } from '@libp2p/ping'
import type { AddressInfo } from 'node:net'

const RTT_MS = 100
const ECHO = '/echo/1.0.0'

const ledger = new TrafficLedger()
let server: Libp2p
let client: Libp2p<{ ping: Ping }>
let dead: { refusing: Multiaddr, silent: Multiaddr, silentId: PeerId }

beforeAll(async () => {
  const refusing = await testnetPeer(1, 'refusing')
  const silent = await testnetPeer(1, 'silent')

  dead = {
    refusing: multiaddr(`/ip4/127.0.0.1/tcp/${await closedPort()}/p2p/${refusing.id.toString()}`),
    silent: multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${silent.id.toString()}`),
    silentId: silent.id
  }
  server = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { ping: ping() }
  })
  await server.handle(ECHO, stream => {
    stream.addEventListener('message', ({ data }) => { stream.send(data) })
    stream.addEventListener('remoteCloseWrite', () => { stream.close().catch(err => { stream.abort(err) }) })
  })
  client = await createLibp2p({
    transports: [countedTransport(latencyTransport({
      rttMs: () => RTT_MS,
      isSilent: peer => dead.silentId.toString() === peer
    }), { ledger, protocol: ECHO, isDead: peer => dead.silentId.toString() === peer })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { ping: ping() }
  })
})

afterAll(async () => {
  await Promise.all([client.stop(), server.stop()])
})

test('makes a dial cost the round trips of TCP, noise and their negotiations', async () => {
  const from = performance.now()

  await client.dial(server.getMultiaddrs())

  const roundTrips = (performance.now() - from) / RTT_MS

  // TCP 1, selecting noise 1, noise 1 (it brings the muxer along); everything else is the processor's time
  expect(roundTrips).toBeGreaterThanOrEqual(3)
  expect(roundTrips).toBeLessThan(5)
})

test('makes a ping over an open connection cost a round trip, and little more', async () => {
  // the first one negotiates the protocol
  await client.services.ping.ping(server.peerId)
  const rtts = [await client.services.ping.ping(server.peerId), await client.services.ping.ping(server.peerId)]

  expect(Math.min(...rtts)).toBeGreaterThanOrEqual(RTT_MS - 1)
  expect(Math.min(...rtts)).toBeLessThan(3 * RTT_MS)
})

test('counts every request of a stream as an RPC', async () => {
  const stream = await client.dialProtocol(server.getMultiaddrs(), ECHO)
  const messages = lpStream(stream)
  const from = performance.now()

  await messages.write(Uint8Array.of(1))
  await messages.read()
  await messages.write(Uint8Array.of(2))
  await messages.read()

  expect(ledger.close(0, performance.now())).toMatchObject({ queries: 2, dials: 1, unresponsive: 0 })
  expect(performance.now() - from).toBeGreaterThanOrEqual(2 * RTT_MS - 2)
  await stream.close()
})

test('counts a request that was sent ahead of the agreement on its protocol, and leaves its answer to the reader', async () => {
  const connection = await client.dial(server.getMultiaddrs())
  const from = performance.now()

  ledger.close(0, from)
  const stream = await openWithMessage(connection, ECHO, Uint8Array.of(1, 7), {})
  const messages = lpStream(stream)

  expect([...(await messages.read()).subarray()]).toEqual([7])
  expect(performance.now() - from).toBeLessThan(2 * RTT_MS)

  await messages.write(Uint8Array.of(2))
  await messages.read()

  expect(ledger.close(from, performance.now())).toMatchObject({ queries: 2, dials: 0, unresponsive: 0 })
  await stream.close()
})

test('carries more than fits on the link at once, whole and in order', async () => {
  const stream = await client.dialProtocol(server.getMultiaddrs(), ECHO)
  const sent = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251)
  const echoed = collect(stream, sent.byteLength)

  for (let offset = 0; offset < sent.byteLength; offset += 50_000) {
    if (!stream.send(sent.subarray(offset, offset + 50_000))) {
      await stream.onDrain()
    }
  }

  expect(Buffer.from(await echoed).equals(sent)).toBe(true)
  await stream.close()
})

test('tells of a refusal after a round trip', async () => {
  const from = performance.now()

  await expect(client.dial(dead.refusing)).rejects.toThrow(/ECONNREFUSED/)
  expect(performance.now() - from).toBeGreaterThanOrEqual(RTT_MS - 1)
})

test('waits for a silent peer until the dial is given up', async () => {
  const from = performance.now()

  ledger.close(0, from)
  await expect(client.dial(dead.silent, { signal: AbortSignal.timeout(300) })).rejects.toThrow()
  expect(performance.now() - from).toBeGreaterThanOrEqual(299)
  expect(ledger.close(from, performance.now())).toMatchObject({ queries: 0, dials: 1, unresponsive: 1 })
})

test('notices half a round trip later that the other side has closed', async () => {
  const [connection] = client.getConnections(server.peerId)
  const closed = new Promise<void>(resolve => { connection.addEventListener('close', () => { resolve() }) })
  const from = performance.now()

  await server.getConnections(client.peerId)[0].close()
  await closed

  expect(performance.now() - from).toBeGreaterThanOrEqual(RTT_MS / 2 - 1)
  expect(connection.status).toBe('closed')
})

async function collect (stream: Stream, byteLength: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0

  for await (const chunk of stream) {
    chunks.push(chunk.subarray())
    received += chunk.byteLength

    if (received >= byteLength) {
      break
    }
  }

  return Buffer.concat(chunks)
}

async function closedPort (): Promise<number> {
  const listener = createServer()

  await new Promise<void>(resolve => { listener.listen(0, '127.0.0.1', resolve) })

  const { port } = listener.address() as AddressInfo

  await new Promise<void>(resolve => { listener.close(() => { resolve() }) })

  return port
}
