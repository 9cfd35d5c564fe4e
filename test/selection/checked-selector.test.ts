import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CheckedSelector } from '../../src/selection/checked-selector.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { InvalidSelectorError } from '../../src/selection/invalid-selector-error.ts'
import { candidate } from '../../src/testing/candidates.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { testPeerSelector } from '../../src/testing/test-peer-selector.ts'
import { anyCandidates } from './candidates.ts'
import type { Candidate, Choice, PeerSelector } from '../../src/selection/peer-selector.ts'

/** The second is the best of them */
const CANDIDATES = [candidate(8, 0.4, 300), candidate(8, 0.9, 50), candidate(9, 0.9, 60)]

testPeerSelector({ test, name: 'a checked EpsilonGreedySelector', create: random => new CheckedSelector(new EpsilonGreedySelector({ random }), unexpected) })

class Own implements PeerSelector {
  readonly #select: (candidates: readonly Candidate[]) => unknown

  constructor (select: (candidates: readonly Candidate[]) => unknown) {
    this.#select = select
  }

  select (candidates: readonly Candidate[]): Choice {
    return this.#select(candidates) as Choice
  }
}

describe('a checked selector', () => {
  test('passes on the choice of the selector, whatever the candidates', () => {
    fc.assert(fc.property(anyCandidates(), fc.integer(), (candidates, seed) => {
      const [own, checked] = [0, 1].map(() => new EpsilonGreedySelector({ random: seededRandom(seed) }))

      expect(new CheckedSelector(checked, unexpected).select(candidates)).toEqual(own.select(candidates))
    }))
  })

  test('lets a selector go beyond the XOR window, which is its own affair', () => {
    const candidates = [candidate(1), candidate(200)]

    expect(new CheckedSelector(new Own(() => ({ index: 1, reason: 'explore' })), unexpected).select(candidates)).toEqual({ index: 1, reason: 'explore' })
  })

  test.each<[string, unknown, string]>([
    ['one too many', { index: 3, reason: 'exploit' }, '{ index: 3, reason: "exploit" }'],
    ['a negative index', { index: -1, reason: 'exploit' }, '{ index: -1, reason: "exploit" }'],
    ['half an index', { index: 0.5, reason: 'exploit' }, '{ index: 0.5, reason: "exploit" }'],
    ['an index that is no number', { index: NaN, reason: 'exploit' }, '{ index: NaN, reason: "exploit" }'],
    ['an index as a string', { index: '0', reason: 'exploit' }, '{ index: "0", reason: "exploit" }'],
    ['an index that is an object', { index: {}, reason: 'exploit' }, '{ index: an object, reason: "exploit" }'],
    ['no reason', { index: 0 }, '{ index: 0, reason: undefined }'],
    ['another reason', { index: 0, reason: 'probe' }, '{ index: 0, reason: "probe" }'],
    ['a bare index', 1, '1'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('one'), 'Symbol(one)'],
    ['a function', () => 0, 'a function'],
    ['a promise', Promise.resolve({ index: 0, reason: 'exploit' }), 'a promise']
  ])('takes the best candidate in place of %s, and tells who chose what', (_, choice, printed) => {
    const errors: InvalidSelectorError[] = []
    const selector = new CheckedSelector(new Own(() => choice), error => { errors.push(error) })

    expect(selector.select(CANDIDATES)).toEqual({ index: 1, reason: 'exploit' })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(InvalidSelectorError)
    expect(errors[0]).toMatchObject({
      name: 'InvalidSelectorError',
      message: `selector Own chose ${printed}, allowed are an index from 0 to 2 and a reason of 'exploit' or 'explore'`,
      selector: 'Own',
      choice
    })
  })

  test('tells of each invalid choice, and of the selector without a class too', () => {
    const errors: InvalidSelectorError[] = []
    const bare: PeerSelector = Object.assign(Object.create(null), { select: () => undefined })
    const selector = new CheckedSelector(bare, error => { errors.push(error) })
    selector.select(CANDIDATES)
    selector.select(CANDIDATES)

    expect(errors.map(error => error.selector)).toEqual(['without a name', 'without a name'])
  })

  test('passes on an error that the selector throws', () => {
    const own = new Error('of the user')
    const selector = new CheckedSelector(new Own(() => { throw own }), unexpected)

    expect(() => selector.select(CANDIDATES)).toThrow(own)
  })

  test.each<[string, (candidates: Candidate[]) => void]>([
    ['sort them', candidates => { candidates.sort((a, b) => b.score - a.score) }],
    ['take one out', candidates => { candidates.shift() }],
    ['add one', candidates => { candidates.push(candidate(1)) }],
    ['raise a score', ([first]) => { first.score = 1 }],
    ['shorten a wait', ([first]) => { first.expectedWaitMs = 1 }],
    ['replace a distance', ([first]) => { first.distance = new Uint8Array(1) }]
  ])('shows candidates to a selector that can not %s', (_, meddle) => {
    const candidates = structuredClone(CANDIDATES)
    const selector = new CheckedSelector(new Own(shown => { meddle(shown as Candidate[]) }), unexpected)

    expect(() => selector.select(candidates)).toThrow(TypeError)
    expect(candidates).toEqual(CANDIDATES)
  })

  test('shows a copy of the distance, that may be changed', () => {
    const candidates = structuredClone(CANDIDATES)
    const selector = new CheckedSelector(new Own(([first]) => {
      first.distance.fill(0)

      return { index: 0, reason: 'exploit' }
    }), unexpected)
    selector.select(candidates)

    expect(candidates).toEqual(CANDIDATES)
  })

  test('shows distance, score and wait, also to a selector that copies them, and nothing else', () => {
    let seen: unknown
    const selector = new CheckedSelector(new Own(candidates => {
      seen = candidates.map(candidate => ({ ...candidate }))

      return { index: 0, reason: 'exploit' }
    }), unexpected)
    selector.select(CANDIDATES.map(candidate => ({ ...candidate, facts: 'of the lookup' })))

    expect(seen).toEqual(CANDIDATES)
  })
})

function unexpected (error: Error): never {
  throw error
}
