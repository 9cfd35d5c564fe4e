import { seededRandom } from '../random/seeded-random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

/**
 * A uniformly random key. The same labels give the same key.
 */
export function randomKey (seed: number, ...label: Array<string | number>): KadId {
  const random = seededRandom(seed, 'key', ...label)

  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}
