import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { pbStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import { dhtMessageCodec } from '../../src/kad-dht/dht-message.ts'
import { PROTOCOL } from '../conformance/test-network.ts'
import type { DHTMessage, DHTMessagePeer } from '../../src/kad-dht/dht-message.ts'
import type { Libp2p, PeerId, PrivateKey, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const PING_PROTOCOL = '/ipfs/ping/1.0.0'

/** What a scripted peer does with a request; undefined for no answer */
export type Script = (request: DHTMessage, stream: Stream) => Partial<DHTMessage> | Uint8Array | undefined | Promise<Partial<DHTMessage> | undefined>

export interface ScriptedPeerInit {
  script?: Script
  /** False: pings are accepted and never answered */
  answersPings?: boolean
  privateKey?: PrivateKey
}

/** A real node whose DHT answers are the test's, and which counts what it is asked */
export interface ScriptedPeer {
  node: Libp2p
  peerId: PeerId
  /** Requests in the order of their arrival */
  requests: DHTMessage[]
  /** How many DHT streams were opened to it */
  streams: number
  /** How many pings arrived */
  pings: number
  script: Script
  answersPings: boolean
  /** Close each stream after one answer */
  closesStreams: boolean
}

/**
 * Start a node that speaks the DHT protocol as its script has it, until the test
 * is over
 */
export async function scriptedPeer ({ script = () => ({}), answersPings = true, privateKey }: ScriptedPeerInit = {}): Promise<ScriptedPeer> {
  const node = await createLibp2p({
    privateKey: privateKey ?? await generateKeyPair('Ed25519'),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify() }
  })
  onTestFinished(async () => { await node.stop() })

  const peer: ScriptedPeer = { node, peerId: node.peerId, requests: [], streams: 0, pings: 0, script, answersPings, closesStreams: false }

  await node.handle(PING_PROTOCOL, async stream => {
    peer.pings++

    if (peer.answersPings) {
      for await (const bytes of stream) {
        stream.send(bytes)
      }

      await stream.close()
    }
  })
  await node.handle(PROTOCOL, async stream => {
    const messages = pbStream(stream).pb(dhtMessageCodec)
    peer.streams++

    try {
      // until whoever asks goes away
      while (true) {
        const request = await messages.read()
        peer.requests.push(request)
        const answer = await peer.script(request, stream)

        if (answer instanceof Uint8Array) {
          stream.send(answer)
        } else if (answer !== undefined) {
          await messages.write({ type: request.type, closer: [], providers: [], ...answer })
        }

        if (peer.closesStreams) {
          await stream.close()
        }
      }
    } catch {
      // it went away
    }
  })

  return peer
}

/**
 * An entry of a response's `closer` or `providers`
 */
export function entryOf (id: PeerId, multiaddrs: Multiaddr[]): DHTMessagePeer {
  return {
    id: id.toMultihash().bytes as Uint8Array<ArrayBuffer>,
    multiaddrs: multiaddrs.map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>)
  }
}
