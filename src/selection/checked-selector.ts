import { bestCandidate } from './best-candidate.ts'
import { InvalidSelectorError } from './invalid-selector-error.ts'
import type { Candidate, Choice, PeerSelector } from './peer-selector.ts'

/**
 * Wraps a user's selector for a lookup. The selector is shown candidates that it can't
 * change. A choice that was not offered is replaced by the best candidate. An error that
 * the selector throws is passed on as it is.
 */
export class CheckedSelector implements PeerSelector {
  readonly #selector: PeerSelector
  readonly #onInvalid: (error: InvalidSelectorError) => void

  /**
   * @param onInvalid - Called for each choice that was replaced
   */
  constructor (selector: PeerSelector, onInvalid: (error: InvalidSelectorError) => void) {
    this.#selector = selector
    this.#onInvalid = onInvalid
  }

  select (candidates: readonly Candidate[]): Choice {
    const choice: unknown = this.#selector.select(Object.freeze(candidates.map(shown)))
    const { index, reason } = partsOf(choice)

    if (isIndex(index, candidates.length) && isReason(reason)) {
      return { index, reason }
    }

    this.#onInvalid(this.#error(choice, candidates.length))

    return { index: bestCandidate(candidates), reason: 'exploit' }
  }

  #error (choice: unknown, count: number): InvalidSelectorError {
    const selector = nameOf(this.#selector)

    return new InvalidSelectorError(
      `selector ${selector} chose ${printedChoice(choice)}, allowed are an index from 0 to ${count - 1} and a reason of 'exploit' or 'explore'`,
      { selector, choice }
    )
  }
}

/** A frozen copy of what a selector may know of a candidate */
function shown (candidate: Candidate): Candidate {
  return Object.freeze({
    // only computed when the selector reads it, because most candidates are too far away to be read
    get distance () {
      return candidate.distance.slice()
    },
    score: candidate.score,
    expectedWaitMs: candidate.expectedWaitMs
  })
}

function partsOf (choice: unknown): { index?: unknown, reason?: unknown } {
  return typeof choice === 'object' && choice !== null ? choice : {}
}

function isIndex (index: unknown, count: number): index is number {
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < count
}

function isReason (reason: unknown): reason is Choice['reason'] {
  return reason === 'exploit' || reason === 'explore'
}

function nameOf (selector: PeerSelector): string {
  const { name } = selector.constructor ?? {}

  return typeof name === 'string' && name !== '' ? name : 'without a name'
}

function printedChoice (choice: unknown): string {
  if (typeof choice !== 'object' || choice === null) {
    return printed(choice)
  }

  if (choice instanceof Promise) {
    return 'a promise'
  }

  const { index, reason } = partsOf(choice)

  return `{ index: ${printed(index)}, reason: ${printed(reason)} }`
}

function printed (value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'object':
      return value === null ? 'null' : 'an object'
    case 'function':
      return 'a function'
    default:
      return String(value)
  }
}
