import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

/** Content and its names */
export interface Block {
  bytes: Uint8Array
  multihash: Uint8Array
  cid: CID
}

/**
 * Content that nobody has provided yet
 */
export async function block (): Promise<Block> {
  const bytes = Uint8Array.from(randomBytes(32))
  const digest = await sha256.digest(bytes)

  return { bytes, multihash: digest.bytes, cid: CID.createV1(raw.code, digest) }
}
