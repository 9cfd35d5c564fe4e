import type { KadId } from './kad-id.ts'

/**
 * The first 32 bits of a kad id; a shorter one is filled up with zeros. They decide nearly every
 * comparison, so that the kad id need not be read from memory again. The number is signed, because
 * engines keep such a number without an allocation.
 */
export function headOf (kadId: KadId): number {
  return kadId[0] << 24 | kadId[1] << 16 | kadId[2] << 8 | kadId[3]
}
