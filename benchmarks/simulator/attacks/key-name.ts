import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** A key as an index of maps */
export function keyName (key: KadId): string {
  return String.fromCharCode(...key)
}
