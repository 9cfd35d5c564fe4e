import type { Random } from '../random/random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

/**
 * A uniformly random place in the keyspace
 *
 * @param random - Uniform in [0, 1)
 */
export function randomKadId (random: Random): KadId {
  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}
