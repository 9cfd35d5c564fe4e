import { sha256 } from 'multiformats/hashes/sha2'
import type { KadId } from '../../keyspace/kad-id.ts'

/**
 * Where a key, or a peer id's multihash bytes, lies in the keyspace
 */
export async function kadIdOf (key: Uint8Array): Promise<KadId> {
  return sha256.encode(key)
}

const KAD_ID_LENGTH = 32

/** In one block. A block is kept as long as any kad id in it, so it is no large one. */
const IDS_PER_BLOCK = 16

/**
 * Hashes kad ids that are kept for long. Several share a block of memory, as one with a block
 * of its own takes 100 bytes more.
 */
export class KadIds {
  #block = new Uint8Array(0)
  #used = 0

  /** As `kadIdOf` */
  async of (key: Uint8Array): Promise<KadId> {
    const kadId = await kadIdOf(key)

    if (this.#used === this.#block.byteLength) {
      this.#block = new Uint8Array(IDS_PER_BLOCK * KAD_ID_LENGTH)
      this.#used = 0
    }

    const kept = this.#block.subarray(this.#used, this.#used + KAD_ID_LENGTH)
    kept.set(kadId)
    this.#used += KAD_ID_LENGTH

    return kept
  }
}
