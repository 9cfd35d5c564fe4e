import type { NewKey } from './published-key.ts'

const MAX_KAD_ID_LENGTH = 32

/** The record has two bytes for the length */
const MAX_KEY_LENGTH = 65_535

/** No message of kad-dht is longer. It bounds what is in memory, too. */
const MAX_VALUE_LENGTH = 4 * 1024 * 1024

/**
 * Check a key that is to be added: whoever made it may not have compiled against our types
 *
 * @throws {TypeError} A part is missing, or is no bytes; the message says which
 * @throws {RangeError} A part is empty or too long
 */
export function checkNewKey (added: NewKey): void {
  const { kadId, kind, key, value }: Partial<NewKey> = added ?? {}

  if (kind !== 'provider' && kind !== 'value') {
    throw new TypeError("key to publish: kind is neither 'provider' nor 'value'")
  }

  checkBytes('kadId', kadId, 1, MAX_KAD_ID_LENGTH)
  checkBytes('key', key, 1, MAX_KEY_LENGTH)

  if (kind === 'value') {
    checkBytes('value', value, 0, MAX_VALUE_LENGTH)
  } else if (value !== undefined) {
    throw new TypeError('key to publish: a provider record has no value')
  }
}

function checkBytes (name: string, bytes: Uint8Array | undefined, min: number, max: number): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`key to publish: ${name} is no Uint8Array`)
  }

  if (bytes.byteLength < min || bytes.byteLength > max) {
    throw new RangeError(`key to publish: ${name} has ${bytes.byteLength} bytes, allowed are ${min} to ${max}`)
  }
}
