import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { guardResponses } from '../../../src/kad-dht/overrides/guard-responses.ts'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import { ScoreMetrics } from '../../../src/libp2p/score-metrics.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { BOTH, quietNode, strangerId } from '../../libp2p/test-node.ts'
import type { DHTMessage, DHTMessagePeer } from '../../../src/kad-dht/dht-message.ts'
import type { PeerInfo } from '@libp2p/interface'

const ADDRESS = multiaddr('/ip4/1.2.3.4/tcp/4001')
const BROKEN: DHTMessagePeer = { id: Uint8Array.of(1, 2, 3), multiaddrs: [] }
const K = 2

interface Read extends Pick<DHTMessage, 'closer' | 'providers'> {
  /** Told to kad-dht */
  peers: PeerInfo[]
  dropped: { malformed: number, surplus: number }
}

/** What is read of an answer that comes over a real stream */
async function read (answer: Partial<DHTMessage>): Promise<Read> {
  const peer = await scriptedPeer({ script: () => answer })
  const { node } = await quietNode(BOTH.kadDHT)
  const peers: PeerInfo[] = []
  const dropped = { malformed: 0, surplus: 0 }
  const metrics = new ScoreMetrics(undefined, { metricsPrefix: '', counts: () => ({ good: 0, neutral: 0, unacceptable: 0 }), replacementsInUse: () => 0 })
  metrics.droppedEntries = (reason, count) => { dropped[reason] += count }
  const exchange = guardResponses(async () => { throw new Error('not to be called') }, {
    dht: { network: { safeDispatchEvent: (_: string, { detail }: { detail: unknown }) => { peers.push(detail as PeerInfo) } } } as unknown as Parameters<typeof guardResponses>[1]['dht'],
    k: K,
    contexts: new RequestContexts(),
    metrics
  })
  const stream = await node.dialProtocol(peer.node.getMultiaddrs(), PROTOCOL)

  const { closer, providers } = await exchange(stream, { type: 'FIND_NODE', key: Uint8Array.of(1) }, { signal: AbortSignal.timeout(5_000) })

  return { closer: closer.map(inOneForm), providers: providers.map(inOneForm), peers, dropped }
}

/** What comes over a stream is in Buffers */
function inOneForm ({ id, multiaddrs }: DHTMessagePeer): DHTMessagePeer {
  return { id: new Uint8Array(id), multiaddrs: multiaddrs.map(bytes => new Uint8Array(bytes)) }
}

async function strangers (count: number): Promise<DHTMessagePeer[]> {
  return Promise.all(Array.from({ length: count }, async () => inOneForm(entryOf(await strangerId(), [ADDRESS]))))
}

describe('an answer', () => {
  test('loses its malformed entries alone', async () => {
    const [closer, provider] = await strangers(2)
    const { peers, dropped, ...named } = await read({ closer: [BROKEN, closer], providers: [provider, BROKEN] })

    expect(named).toEqual({ closer: [closer], providers: [provider] })
    expect(peers.map(({ id }) => [...id.toMultihash().bytes])).toEqual([closer, provider].map(({ id }) => [...id]))
    expect(dropped).toEqual({ malformed: 2, surplus: 0 })
  })

  test('loses what is named beyond two times k closer peers, and keeps more providers', async () => {
    const many = await strangers(2 * K + 3)
    const { closer, providers, dropped } = await read({ closer: many, providers: many })

    expect(closer).toEqual(many.slice(0, 2 * K))
    expect(providers).toEqual(many)
    expect(dropped).toEqual({ malformed: 0, surplus: 3 })
  })

  test('keeps an entry whose address can not be read, without that address', async () => {
    const [entry] = await strangers(1)
    const { closer, dropped } = await read({ closer: [{ ...entry, multiaddrs: [Uint8Array.of(0xff, 0xff), ...entry.multiaddrs] }] })

    expect(closer).toEqual([entry])
    expect(dropped).toEqual({ malformed: 0, surplus: 0 })
  })

  test('with hundreds of addresses for one peer keeps some of each kind', async () => {
    const [entry] = await strangers(1)
    const tcp = Array.from({ length: 300 }, (_, port) => multiaddr(`/ip4/1.2.3.4/tcp/${1 + port}`).bytes as Uint8Array<ArrayBuffer>)
    const quic = multiaddr('/ip4/1.2.3.4/udp/4001/quic-v1').bytes as Uint8Array<ArrayBuffer>
    const { closer: [{ multiaddrs }] } = await read({ closer: [{ ...entry, multiaddrs: [...tcp, quic] }] })

    expect(multiaddrs).toHaveLength(32)
    expect(multiaddrs.map(bytes => multiaddr(bytes).toString())).toContain('/ip4/1.2.3.4/udp/4001/quic-v1')
  })
})
