import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { validateScoringInit } from '../../src/libp2p/scoring-options.ts'
import { InvalidParametersError } from '../../src/parameters/invalid-parameters-error.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoreStore } from '../../src/persistence/score-store.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'

const SELECTOR: PeerSelector = { select: () => ({ index: 0, reason: 'exploit' }) }

const STORE: ScoreStore = {
  open: async () => {},
  async * load () {},
  write: async () => {},
  clear: async () => {},
  close: async () => {}
}

describe('the options of scoring', () => {
  test.each<[string, ScoringInit, string]>([
    ['epsilon beside a selector', { epsilon: 0.1, selector: SELECTOR }, 'scoring: epsilon and selector are both given, but epsilon is of the epsilon-greedy selector, whose place the selector takes'],
    ['a selector that can not select', { selector: {} as never }, 'scoring: selector has no function select, allowed is an object with select'],
    ['null for a selector', { selector: null as never }, 'scoring: selector has no function select, allowed is an object with select'],
    ['a function for a selector', { selector: (() => 0) as never }, 'scoring: selector has no function select, allowed is an object with select'],
    ['a store that lacks something', { store: { ...STORE, write: undefined, close: 1 } as never }, 'scoring: store has no function write, close, allowed is an object with open, load, write, clear, close'],
    ['null for a store', { store: null as never }, 'scoring: store has no function open, load, write, clear, close, allowed is an object with open, load, write, clear, close'],
    ['a store beside a location', { store: STORE, location: './scores' }, 'scoring: location and store are both given, only one of them can keep the scores'],
    ['a store beside a database', { store: STORE, level: new MemoryLevel() }, 'scoring: level and store are both given, only one of them can keep the scores'],
    ['a location beside a database', { level: new MemoryLevel(), location: './scores' }, 'scoring: location and level are both given, only one of them can keep the scores'],
    ['all three', { store: STORE, level: new MemoryLevel(), location: './scores' }, 'scoring: location and level and store are all given, only one of them can keep the scores'],
    ['a misspelt name', { selectors: SELECTOR } as never, 'scoring: there is no option selectors, only ']
  ])('refuse %s', (_, init, message) => {
    expect(() => validateScoringInit(init, {})).toThrow(InvalidParametersError)
    expect(() => validateScoringInit(init, {})).toThrow(message)
  })

  test('take a selector and a store, with what is undefined beside them', () => {
    const { selector, store } = validateScoringInit({ selector: SELECTOR, epsilon: undefined, store: STORE, location: undefined, level: undefined }, {})

    expect(selector).toBe(SELECTOR)
    expect(store).toBe(STORE)
  })

  test('take what is undefined for not given', () => {
    expect(validateScoringInit({ selector: undefined, store: undefined, epsilon: 0.1 }, {})).toMatchObject({ epsilon: 0.1, selector: undefined, store: undefined })
  })

  test('take null for no location and no database', () => {
    expect(validateScoringInit({ location: null, level: null } as never, {})).toMatchObject({ location: undefined, level: undefined })
  })
})
