import { equals } from 'uint8arrays/equals'
import { decodePublishedKey, encodePlace, encodePublishedKey } from './published-key-codec.ts'
import type { KeyState } from './key-tables.ts'
import type { KeyPlace, NewKey, PublishedKey } from './published-key.ts'

// What becomes of one place. Where nothing does, the state that came in is returned.

const NOTHING: KeyState = { record: undefined, isQueued: false }

/** A new key waits to be stored, and one with another value waits again. One that can't be read is new. */
export function addKey (key: NewKey, state: KeyState, addedAt: number): { fate: 'added' | 'changed' | 'known', state: KeyState } {
  const written = { record: encodePublishedKey({ ...key, addedAt }), isQueued: true }

  if (state.record === undefined) {
    return { fate: 'added', state: written }
  }

  const decoded = decodePublishedKey(encodePlace(key), state.record)

  if (decoded.type === 'unreadable') {
    // a later release wrote it, and knows what to do with it
    return decoded.entry.reason === 'unknown-version' ? { fate: 'known', state } : { fate: 'added', state: written }
  }

  return hasValueOf(key, decoded.key) ? { fate: 'known', state } : { fate: 'changed', state: written }
}

/** Nothing is left of a key that is removed */
export function removeKey (_: KeyPlace, state: KeyState): KeyState {
  return isNothing(state) ? state : NOTHING
}

/** A key that was stored waits no longer, unless it has got another value since it was read */
export function storeKey (key: PublishedKey, state: KeyState): KeyState {
  if (!state.isQueued) {
    return state
  }

  const decoded = state.record === undefined ? undefined : decodePublishedKey(encodePlace(key), state.record)

  return decoded?.type === 'readable' && !hasValueOf(key, decoded.key) ? state : { ...state, isQueued: false }
}

/** A key that could not be stored waits again, unless it was removed since it was read */
export function failKey (_: KeyPlace, state: KeyState): KeyState {
  return state.isQueued || state.record === undefined ? state : { ...state, isQueued: true }
}

/** Nothing is left of a place that has a damaged record, or none. One that was mended since it was read stays. */
export function forgetBroken (place: Uint8Array, state: KeyState): KeyState {
  const decoded = state.record === undefined ? undefined : decodePublishedKey(place, state.record)
  const isBroken = decoded === undefined || (decoded.type === 'unreadable' && decoded.entry.reason === 'damaged')

  return isBroken && !isNothing(state) ? NOTHING : state
}

function hasValueOf (a: NewKey, b: NewKey): boolean {
  return a.value === undefined || b.value === undefined ? a.value === b.value : equals(a.value, b.value)
}

function isNothing ({ record, isQueued }: KeyState): boolean {
  return record === undefined && !isQueued
}
