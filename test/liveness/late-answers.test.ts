import { describe, expect, test } from 'vitest'
import { LateAnswers } from '../../src/liveness/late-answers.ts'

const MINUTE = 60_000

/** A node that has seen many late requests of a stage: a share of them was answered after a time */
function after (share: number, meanMs: number, worthMs = MINUTE): number {
  const answers = new LateAnswers()

  for (let i = 0; i < 5_000; i++) {
    // the share is the same in any row of a hundred
    answers.count('signed', i * 37 % 100 < share * 100 ? meanMs : undefined)
  }

  return answers.graces(worthMs).signed
}

/** What a wait gains: `share` of the requests are answered after exponentially distributed times */
function gain (waitMs: number, share: number, meanMs: number): number {
  return MINUTE * share * (1 - Math.exp(-waitMs / meanMs)) - waitMs
}

describe('what late requests are worth waiting for', () => {
  test.each([[0.5, 500], [0.9, 2000], [0.05, 300]])('is most where a wait gains most (share %d, mean %d ms)', (share, meanMs) => {
    const graceMs = after(share, meanMs)

    expect(gain(graceMs, share, meanMs)).toBeGreaterThan(gain(graceMs * 0.8, share, meanMs))
    expect(gain(graceMs, share, meanMs)).toBeGreaterThan(gain(graceMs * 1.2, share, meanMs))
  })

  test('is no wait at all where hardly any is answered', () => {
    expect(after(0, 500)).toBe(0)
    expect(after(0.01, 1000)).toBe(0)
  })

  test('is less, the less a missed peer costs, and nothing when it costs nothing', () => {
    expect(after(0.5, 500, 10_000)).toBeLessThan(after(0.5, 500, 20_000))
    expect(after(0.5, 500, 0)).toBe(0)
  })

  test('is learned for each stage by itself', () => {
    const answers = new LateAnswers()
    const before = answers.graces(MINUTE)

    for (let i = 0; i < 200; i++) {
      answers.count('silent', undefined)
    }

    expect(answers.graces(MINUTE)).toEqual({ ...before, silent: 0 })
  })

  test('is something for each stage before anything was seen, the more the further a request has come', () => {
    const { silent, signed, connected } = new LateAnswers().graces(MINUTE)

    expect(silent).toBeGreaterThan(500)
    expect(signed).toBeGreaterThan(silent)
    expect(connected).toBeGreaterThan(signed)
  })

  test('follows a network that becomes another', () => {
    const answers = new LateAnswers()

    for (let i = 0; i < 1_000; i++) {
      answers.count('silent', undefined)
    }

    for (let i = 0; i < 100; i++) {
      answers.count('silent', 300)
    }

    expect(answers.graces(MINUTE).silent).toBeGreaterThan(1_000)
  })

  test('is finite where all answers come at once', () => {
    expect(after(1, 0)).toBeLessThan(100)
  })
})
