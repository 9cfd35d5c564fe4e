import assert from 'node:assert/strict'
import { xorWindow } from '../selection/xor-window.ts'
import { anyCandidates, candidate } from './candidates.ts'
import { seededRandom } from './seeded-random.ts'
import type { TestFunction } from './test-function.ts'
import type { Candidate, Choice, PeerSelector } from '../selection/peer-selector.ts'

/** How many lists of candidates a test goes through */
const LISTS = 200

/** How many choices a test takes from one list. A selector that explores makes different ones. */
const CHOICES = 5

/**
 * What `testPeerSelector` is called with
 */
export interface PeerSelectorSuite {
  /** Registers a test */
  test: TestFunction

  /** The selector's name, with which the names of its tests begin */
  name: string

  /**
   * Makes a fresh selector
   *
   * @param random - Uniform random numbers from 0 to below 1. All chance in the selector comes from them, so that a choice can be repeated.
   */
  create: (random: () => number) => PeerSelector
}

/**
 * Registers a test for everything that a peer selector must do.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { testPeerSelector } from 'libp2p-scored-routing/testing'
 *
 * testPeerSelector({ test, name: 'FastestFirst', create: random => new FastestFirst(random) })
 * ```
 */
export function testPeerSelector ({ test, name, create }: PeerSelectorSuite): void {
  const add = (title: string, run: () => void): void => {
    test(`${name}: ${title}`, async () => { run() })
  }

  add('takes the only candidate', () => {
    for (const only of [candidate(7), candidate(7, 0), candidate(0, 1, 60_000)]) {
      checkChoice(create(seededRandom(1)).select([only]), [only])
    }
  })

  add('chooses from candidates that do not differ', () => {
    const selector = create(seededRandom(1))
    const candidates = Array.from({ length: 30 }, () => candidate(7))

    for (let i = 0; i < 100; i++) {
      checkChoice(selector.select(candidates), candidates)
    }
  })

  add('chooses within the XOR window and says why, whatever the candidates', () => {
    for (const { seed, candidates } of lists()) {
      const selector = create(seededRandom(seed))

      for (let i = 0; i < CHOICES; i++) {
        checkChoice(selector.select(candidates), candidates)
      }
    }
  })

  add('leaves the candidates as they are', () => {
    for (const { seed, candidates } of lists()) {
      const copy = structuredClone(candidates)
      create(seededRandom(seed)).select(candidates)

      assert.deepEqual(candidates, copy, 'the selector has changed the candidates')
    }
  })

  add('chooses the same from the same candidates and random numbers', () => {
    const choices = [0, 1].map(() => {
      const selector = create(seededRandom(1))

      return [...lists()].map(({ candidates }) => selector.select(candidates))
    })

    choices[0].forEach((choice, i) => { assert.deepEqual(choices[1][i], choice) })
  })

  add('in the long run chooses a fast and reliable candidate more often than its opposite, at equal distance', () => {
    const selector = create(seededRandom(1))
    const candidates = [candidate(7, 0.3, 2000), candidate(7, 0.9, 50)]
    const chosen = [0, 0]

    for (let i = 0; i < 1000; i++) {
      chosen[selector.select(candidates).index]++
    }

    assert.ok(chosen[1] > chosen[0], `it chose the better one ${chosen[1]} times and the other one ${chosen[0]} times`)
  })
}

function * lists (): Generator<{ seed: number, candidates: Candidate[] }> {
  for (let seed = 1; seed <= LISTS; seed++) {
    yield { seed, candidates: anyCandidates(seededRandom(seed)) }
  }
}

function checkChoice ({ index, reason }: Choice, candidates: Candidate[]): void {
  const { length } = xorWindow(candidates)

  assert.ok(Number.isInteger(index) && index >= 0 && index < length, `index is ${index}, the XOR window allows whole numbers from 0 to ${length - 1}`)
  assert.ok(reason === 'exploit' || reason === 'explore', `reason is ${reason}, allowed are exploit and explore`)
}
