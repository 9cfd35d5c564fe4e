import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'

/**
 * Recall where nobody knows who is alive: of the k closest among all the peers
 * that anybody found for a key, the share that each found.
 *
 * @param key - What was looked for
 * @param found - Printable peer ids, one list for each who looked
 * @returns A share from 0 to 1 for each list; undefined when nobody found anything
 */
export function recallOfUnion (key: Uint8Array, found: readonly string[][], k: number): Array<number | undefined> {
  const target = kadIdOf(key)
  const closest = [...new Set(found.flat())]
    .map(peer => ({ peer, kadId: kadIdOf(peerIdFromString(peer).toMultihash().bytes) }))
    .sort((a, b) => compareDistance(target, a.kadId, b.kadId))
    .slice(0, k)

  return found.map(peers => closest.length === 0
    ? undefined
    : closest.filter(({ peer }) => peers.includes(peer)).length / closest.length)
}

function kadIdOf (bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
