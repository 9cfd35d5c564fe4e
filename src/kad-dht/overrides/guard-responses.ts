import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { fairShare } from '../../libp2p/peers/fair-share.ts'
import { addressKind } from '../../libp2p/peers/address-kind.ts'
import { RequestStream } from '../../libp2p/streams/request-stream.ts'
import type { DHTMessagePeer } from '../dht-message.ts'
import type { InternalNetwork } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A response names k peers: twice as many are read of those that name more */
const NAMED_PER_K = 2

/** Providers kept of one response: there may be more of them than k, but not without end */
const MAX_PROVIDERS = 1_000

/** A peer that claims more addresses keeps some of each kind */
const MAX_ADDRESSES = 32

/** No more than these are even read, of those that begin alike and are of one length the same share as of others */
const MAX_READ = 128

/**
 * Read responses entry by entry: a malformed closer peer or provider costs that
 * entry, not the response, and no response can name more peers than a lookup has a
 * use for.
 */
export function guardResponses (_: InternalNetwork['_writeReadMessage'], { dht: { network }, k, metrics }: Pick<OverrideParts, 'dht' | 'k' | 'metrics'>): InternalNetwork['_writeReadMessage'] {
  function guard (entries: DHTMessagePeer[], maxPeers: number): { entries: DHTMessagePeer[], peers: PeerInfo[] } {
    const read = readPeers(entries.slice(0, maxPeers))

    report('malformed', Math.min(entries.length, maxPeers) - read.peers.length)
    report('surplus', Math.max(0, entries.length - maxPeers))

    return read
  }

  function report (reason: 'malformed' | 'surplus', count: number): void {
    if (count > 0) {
      metrics.droppedEntries(reason, count)
    }
  }

  return async (stream, request, options) => {
    const response = await RequestStream.of(stream).exchange(request, options)

    const closer = guard(response.closer, NAMED_PER_K * k)
    const providers = guard(response.providers, MAX_PROVIDERS)

    for (const peer of [...closer.peers, ...providers.peers]) {
      network.safeDispatchEvent<PeerInfo>('peer', { detail: peer })
    }

    return { ...response, closer: closer.entries, providers: providers.entries }
  }
}

/**
 * The entries whose peer id can be read, with a fair share of their addresses
 */
function readPeers (entries: DHTMessagePeer[]): { entries: DHTMessagePeer[], peers: PeerInfo[] } {
  const kept: DHTMessagePeer[] = []
  const peers: PeerInfo[] = []

  for (const entry of entries) {
    const id = readPeerId(entry.id)

    if (id !== undefined) {
      const read = fairShare(entry.multiaddrs, MAX_READ, bytes => `${bytes[0]} ${bytes.length}`).map(readMultiaddr).filter(address => address !== undefined)
      const multiaddrs = [...fairShare(read, MAX_ADDRESSES, addressKind)]

      kept.push({ ...entry, multiaddrs: multiaddrs.map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>) })
      peers.push({ id, multiaddrs })
    }
  }

  return { entries: kept, peers }
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
