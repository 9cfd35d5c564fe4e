import { describe, expect, test } from 'vitest'
import { signRecord } from '../../../src/persistence/checked-record.ts'
import { addKey, failKey, forgetBroken, removeKey, storeKey } from '../../../src/persistence/published/key-changes.ts'
import { encodePlace, encodePublishedKey } from '../../../src/persistence/published/published-key-codec.ts'
import { providerKey, valueKey } from './published-keys.ts'
import type { KeyState } from '../../../src/persistence/published/key-tables.ts'
import type { NewKey, PublishedKey } from '../../../src/persistence/published/published-key.ts'

const NOTHING: KeyState = { record: undefined, isQueued: false }

const provider = published(providerKey(1))
const value = published(valueKey(1, 'old'))
const newValue = published(valueKey(1, 'new'))

describe('a key that is added', () => {
  test('is new, and waits', () => {
    for (const key of [providerKey(1), valueKey(1)]) {
      expect(addKey(key, NOTHING, 10)).toEqual({ fate: 'added', state: { record: encodePublishedKey({ ...key, addedAt: 10 }), isQueued: true } })
    }
  })

  test.each([[provider], [value]])('and is there already stays as it is: %#', key => {
    for (const isQueued of [true, false]) {
      const before = stateOf(key, isQueued)
      const { fate, state } = addKey(key, before, 10)

      expect(fate).toBe('known')
      expect(state).toBe(before)
    }
  })

  test('with another value waits again', () => {
    expect(addKey(newValue, stateOf(value, false), 20)).toEqual({ fate: 'changed', state: stateOf({ ...newValue, addedAt: 20 }, true) })
  })

  test('mends a damaged one', () => {
    expect(addKey(provider, damaged(provider), 20)).toEqual({ fate: 'added', state: stateOf({ ...provider, addedAt: 20 }, true) })
  })

  test('leaves what a later release wrote', () => {
    const later = laterRelease(provider)
    const { fate, state } = addKey(provider, later, 20)

    expect(fate).toBe('known')
    expect(state).toBe(later)
  })
})

describe('a key that was stored', () => {
  test.each([[provider], [value]])('waits no longer: %#', key => {
    expect(storeKey(key, stateOf(key, true))).toEqual(stateOf(key, false))
  })

  test('waits on when it has got another value meanwhile', () => {
    const before = stateOf(newValue, true)

    expect(storeKey(value, before)).toBe(before)
  })

  test('changes nothing when it did not wait', () => {
    const before = stateOf(provider, false)

    expect(storeKey(provider, before)).toBe(before)
  })

  test('waits no longer when it was removed', () => {
    expect(storeKey(provider, { record: undefined, isQueued: true })).toEqual(NOTHING)
  })
})

describe('a key that could not be stored', () => {
  test('waits again', () => {
    expect(failKey(provider, stateOf(provider, false))).toEqual(stateOf(provider, true))
  })

  test.each([[NOTHING], [stateOf(provider, true)]])('stays as it is when it waits, or was removed: %#', before => {
    expect(failKey(provider, before)).toBe(before)
  })
})

test('nothing is left of a key that is removed', () => {
  expect(removeKey(provider, stateOf(provider, true))).toEqual(NOTHING)
  expect(removeKey(provider, { record: undefined, isQueued: true })).toEqual(NOTHING)
  expect(removeKey(provider, NOTHING)).toBe(NOTHING)
})

describe('what is broken', () => {
  test.each([[damaged(provider)], [{ record: undefined, isQueued: true }]])('is forgotten: %#', before => {
    expect(forgetBroken(encodePlace(provider), before)).toEqual(NOTHING)
  })

  test.each([[stateOf(provider, true)], [laterRelease(provider)], [NOTHING]])('is not what is sound, written by a later release, or gone: %#', before => {
    expect(forgetBroken(encodePlace(provider), before)).toBe(before)
  })
})

function published (key: NewKey): PublishedKey {
  return { ...key, addedAt: 1_700_000_000_000 }
}

function stateOf (key: PublishedKey, isQueued: boolean): KeyState {
  return { record: encodePublishedKey(key), isQueued }
}

function damaged (key: PublishedKey): KeyState {
  const record = encodePublishedKey(key)
  record[20] ^= 1

  return { record, isQueued: true }
}

function laterRelease (key: PublishedKey): KeyState {
  const record = encodePublishedKey(key)
  record[0] = 99

  return { record: signRecord(encodePlace(key), record), isQueued: false }
}
