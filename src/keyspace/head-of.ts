import type { KadId } from './kad-id.ts'

/**
 * The first 32 bits of a kad id, filled up with zeros: they decide nearly every comparison without
 * the kad id being read from memory again. Signed, because engines keep such a number without
 * allocating one.
 */
export function headOf (kadId: KadId): number {
  return kadId[0] << 24 | kadId[1] << 16 | kadId[2] << 8 | kadId[3]
}
