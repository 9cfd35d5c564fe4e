import { createHash } from 'node:crypto'
import type { NewProviderKey, NewValueKey } from '../../../src/persistence/published/published-key.ts'

/** A key to provide. Each number gives another one. */
export function providerKey (n: number): NewProviderKey {
  const key = Uint8Array.of(0x12, 0x20, ...sha256(`content ${n}`))

  return { kind: 'provider', kadId: sha256(key), key }
}

/** A key with a value. Each number gives another one. */
export function valueKey (n: number, value = `value ${n}`): NewValueKey {
  const key = new TextEncoder().encode(`/ipns/${n}`)

  return { kind: 'value', kadId: sha256(key), key, value: new TextEncoder().encode(value) }
}

/** The keys of these numbers, from `start` up to and without `end` */
export function providerKeys (start: number, end: number): NewProviderKey[] {
  return Array.from({ length: end - start }, (_, i) => providerKey(start + i))
}

/** In the order of their kad ids */
export function byKadId<T extends { kadId: Uint8Array }> (keys: T[]): T[] {
  return keys.toSorted((a, b) => Buffer.compare(a.kadId, b.kadId))
}

function sha256 (content: string | Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(content).digest())
}
