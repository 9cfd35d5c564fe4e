import { InvalidMessageError } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import type { InternalRequestHandler } from '../../internals.ts'
import type { OverrideParts } from '../../override-parts.ts'

/** Go's limit for the key of a provider record, bytes */
const MAX_KEY_BYTES = 80

/**
 * Store a provider record under every key that Go's servers accept, see `readableKey`
 */
export function storeAnyProviderKey (handle: InternalRequestHandler['handle']): InternalRequestHandler['handle'] {
  return async (peer, message) => handle(peer, { ...message, key: readableKey(message.key) })
}

/**
 * Look for a provider record under every key that Go's servers accept. The peers that the
 * answer names are those that are close to the key as it was sent.
 */
export function findAnyProviderKey (handle: InternalRequestHandler['handle'], { dht: { rpc } }: Pick<OverrideParts, 'dht'>): InternalRequestHandler['handle'] {
  const handler = rpc.handlers.GET_PROVIDERS
  // not bound to the handler yet
  const unbound = handler.handle

  return async (peer, message) => {
    const { key } = message
    const readable = readableKey(key)

    if (key === undefined || readable === key) {
      return handle(peer, message)
    }

    const peerRouting = Object.create(handler.peerRouting, {
      getClosestPeersOffline: { value: async () => handler.peerRouting.getClosestPeersOffline(key) }
    })
    const answer = await unbound.call(Object.create(handler, { peerRouting: { value: peerRouting } }), peer, { ...message, key: readable })

    return answer === undefined ? undefined : { ...answer, key }
  }
}

/**
 * The key of a provider record as kad-dht can read it. kad-dht takes the key for a CID, which
 * goes well with a SHA2-256 multihash only. Each other multihash is put into a CID of version 1.
 * Whatever is no multihash is made one by the identity function.
 *
 * @throws {InvalidMessageError} The key is longer than Go allows
 */
function readableKey (key: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (key === undefined || key.length === 0 || isReadable(key)) {
    return key
  }

  if (key.length > MAX_KEY_BYTES) {
    throw new InvalidMessageError('The key of a provider record is too long')
  }

  return CID.createV1(raw.code, multihashOf(key)).bytes as Uint8Array<ArrayBuffer>
}

function isReadable (key: Uint8Array): boolean {
  try {
    CID.decode(key)

    return true
  } catch {
    return false
  }
}

function multihashOf (key: Uint8Array): Digest.Digest<number, number> {
  try {
    return Digest.decode(key)
  } catch {
    return identity.digest(key)
  }
}
