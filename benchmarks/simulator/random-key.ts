import { seededRandom } from '../random/seeded-random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

/**
 * A key from all over the keyspace, the same for the same labels
 */
export function randomKey (seed: number, ...label: Array<string | number>): KadId {
  const random = seededRandom(seed, 'key', ...label)

  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}
