import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'

/**
 * A CID in whose place kad-dht sends these bytes. The framework's provider records have a text
 * for their key, as Go and the others allow; kad-dht sends the multihash of a CID.
 */
export function cidOfProviderKey (key: string): CID {
  const bytes = new TextEncoder().encode(key)

  return CID.createV1(raw.code, { code: 0, size: bytes.length, digest: bytes, bytes })
}
