import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { fairShare } from '../libp2p/peers/fair-share.ts'
import { addressKind } from '../libp2p/peers/address-kind.ts'
import { RequestStream } from '../libp2p/streams/request-stream.ts'
import type { DHTMessagePeer } from './dht-message.ts'
import type { InternalNetwork } from './internals.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Providers kept of one response: there may be more of them than k, but not without end */
const MAX_PROVIDERS = 1_000

/** A peer that claims more addresses keeps some of each kind */
const MAX_ADDRESSES = 32

/** No more than these are even read, of those that begin alike and are of one length the same share as of others */
const MAX_READ = 128

export interface ResponseGuardInit {
  /** Closer peers kept of one response */
  maxCloser: number
  /** Told how many entries of a response were dropped */
  onDropped: (reason: 'malformed' | 'surplus', count: number) => void
}

/**
 * Make a network read responses entry by entry: a malformed closer peer or
 * provider costs that entry, not the response, and no response can name more
 * peers than a lookup has a use for.
 */
export function guardResponses (network: InternalNetwork, init: ResponseGuardInit): void {
  function guard (entries: DHTMessagePeer[], maxPeers: number): { entries: DHTMessagePeer[], peers: PeerInfo[] } {
    const kept: DHTMessagePeer[] = []
    const peers: PeerInfo[] = []
    const considered = entries.slice(0, maxPeers)
    let malformed = 0

    for (const entry of considered) {
      const id = readPeerId(entry.id)

      if (id == null) {
        malformed++
      } else {
        const read = fairShare(entry.multiaddrs, MAX_READ, bytes => `${bytes[0]} ${bytes.length}`).map(readMultiaddr).filter(address => address != null)
        const multiaddrs = [...fairShare(read, MAX_ADDRESSES, addressKind)]

        kept.push({ ...entry, multiaddrs: multiaddrs.map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>) })
        peers.push({ id, multiaddrs })
      }
    }

    report('malformed', malformed)
    report('surplus', entries.length - considered.length)

    return { entries: kept, peers }
  }

  function report (reason: 'malformed' | 'surplus', count: number): void {
    if (count > 0) {
      init.onDropped(reason, count)
    }
  }

  network._writeReadMessage = async (stream, request, options) => {
    const response = await RequestStream.of(stream).exchange(request, options)

    const closer = guard(response.closer, init.maxCloser)
    const providers = guard(response.providers, MAX_PROVIDERS)

    for (const peer of [...closer.peers, ...providers.peers]) {
      network.safeDispatchEvent<PeerInfo>('peer', { detail: peer })
    }

    return { ...response, closer: closer.entries, providers: providers.entries }
  }

  network._writeMessage = async (stream, message, options) => RequestStream.of(stream).write(message, options)
}

function readPeerId (bytes: Uint8Array): PeerId | undefined {
  try {
    return peerIdFromMultihash(Digest.decode(bytes))
  } catch {
    return undefined
  }
}

function readMultiaddr (bytes: Uint8Array): Multiaddr | undefined {
  try {
    return multiaddr(bytes)
  } catch {
    return undefined
  }
}
