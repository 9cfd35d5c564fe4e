import type { Random } from '../../random/random.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * A random key that shares exactly so many leading bits with a kad id
 *
 * @param length - Less than the number of bits of a kad id
 */
export function randomKeyWithPrefix (kadId: KadId, length: number, random: Random): KadId {
  const key = kadId.map(() => Math.floor(random() * 256))
  const byte = length >> 3
  const shared = 0xff00 >> (length & 7) & 0xff
  const flipped = 0x80 >> (length & 7)

  key.set(kadId.subarray(0, byte))
  key[byte] = (kadId[byte] & shared) | (~kadId[byte] & flipped) | (key[byte] & ~shared & ~flipped)

  return key
}
