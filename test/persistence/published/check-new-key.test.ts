import { describe, expect, test } from 'vitest'
import { checkNewKey } from '../../../src/persistence/published/check-new-key.ts'
import { providerKey, valueKey } from './published-keys.ts'

describe('a key to publish', () => {
  test.each([
    ['to provide', providerKey(1)],
    ['with a value', valueKey(1)],
    ['with an empty value', valueKey(1, '')],
    ['with a value of 4 MiB', { ...valueKey(1), value: new Uint8Array(4 * 1024 * 1024) }]
  ])('%s is sound', (_, key) => {
    expect(() => { checkNewKey(key) }).not.toThrow()
  })

  test.each<[unknown, string]>([
    [undefined, "kind is neither 'provider' nor 'value'"],
    [{ ...providerKey(1), kind: 'block' }, "kind is neither 'provider' nor 'value'"],
    [{ ...providerKey(1), kadId: undefined }, 'kadId is no Uint8Array'],
    [{ ...providerKey(1), kadId: new Uint8Array(0) }, 'kadId has 0 bytes, allowed are 1 to 32'],
    [{ ...providerKey(1), kadId: new Uint8Array(33) }, 'kadId has 33 bytes, allowed are 1 to 32'],
    [{ ...providerKey(1), key: 'a CID' }, 'key is no Uint8Array'],
    [{ ...providerKey(1), key: new Uint8Array(65_536) }, 'key has 65536 bytes, allowed are 1 to 65535'],
    [{ ...providerKey(1), value: new Uint8Array(1) }, 'a provider record has no value'],
    [{ ...valueKey(1), value: undefined }, 'value is no Uint8Array'],
    [{ ...valueKey(1), value: new Uint8Array(4 * 1024 * 1024 + 1) }, 'value has 4194305 bytes, allowed are 0 to 4194304']
  ])('%# is refused: %s', (key, message) => {
    expect(() => { checkNewKey(key as ReturnType<typeof providerKey>) }).toThrow(`key to publish: ${message}`)
  })
})
