import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { fairShare } from '../../libp2p/peers/fair-share.ts'
import { addressKind } from '../../libp2p/peers/address-kind.ts'
import { RequestStream } from '../../libp2p/streams/request-stream.ts'
import { NODE_LIMITS } from '../../parameters/node-limits.ts'
import type { DHTMessagePeer } from '../dht-message.ts'
import type { InternalNetwork } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How many providers of one response are read at most. There may be more of them than k. */
const MAX_PROVIDERS = 1_000

/** How many addresses of one named peer are kept at most. Of a peer with more, some of each kind are kept. */
const MAX_ADDRESSES = 32

/** How many addresses of one named peer are read at most. Of a peer with more, each group with the same beginning and length gets an equal share. */
const MAX_READ = 128

/**
 * Read responses entry by entry. A malformed closer peer or provider is dropped, and the
 * rest of the response is kept. The number of peers that are read from a response is
 * limited. A message that has to be read before the request is sent ahead of it.
 */
export function guardResponses (_: InternalNetwork['_writeReadMessage'], { dht: { network }, k, contexts, metrics }: Pick<OverrideParts, 'dht' | 'k' | 'contexts' | 'metrics'>): InternalNetwork['_writeReadMessage'] {
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
    const response = await RequestStream.of(stream).exchange(request, options, contexts.get(options.signal)?.ahead)

    const closer = guard(response.closer, NODE_LIMITS.namedPerK * k)
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
