import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'

/**
 * Recall on a network where nobody knows which peers are alive. It takes all the peers
 * that any arm found for a key, and the k closest of these. The recall of an arm is the
 * share of these k that it found.
 *
 * @param key - The key that was looked up
 * @param found - Printable peer ids, one list for each arm
 * @returns The recall for each list, 0 to 1, or undefined when nobody found anything
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
