import { sha256 } from 'multiformats/hashes/sha2'
import type { KadId } from '../../keyspace/kad-id.ts'

/**
 * Where a key, or a peer id's multihash bytes, lies in the keyspace
 */
export async function kadIdOf (key: Uint8Array): Promise<KadId> {
  return (await sha256.digest(key)).digest
}
