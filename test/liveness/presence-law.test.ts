import { describe, expect, test } from 'vitest'
import { PresenceLaw } from '../../src/liveness/presence-law.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import type { Signs } from '../../src/liveness/signs.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

function answered (agoMs: number, forMs = 0): Signs {
  return { type: 'answered', forMs, agoMs, namedSince: false }
}

function failed (agoMs: number, namedSince = false): Signs {
  return { type: 'failed', hadAnswered: true, agoMs, namedSince }
}

describe('the law of presence, before it has learned anything', () => {
  const law = new PresenceLaw()

  test('is the published distribution of sessions for a peer that was met at some time of its session', () => {
    // exp(-((10.9 h / 1.09 h)^0.38 - (9.9 h / 1.09 h)^0.38))
    expect(law.chance(answered(HOUR_MS))).toBeCloseTo(0.916, 2)
  })

  test('gives the less chance the longer ago a peer answered, and the more the longer it had answered', () => {
    const chances = [0, MINUTE_MS, HOUR_MS, 10 * HOUR_MS, 1000 * HOUR_MS].map(agoMs => law.chance(answered(agoMs)))

    expect(chances).toEqual(chances.toSorted((a, b) => b - a))
    expect(chances[0]).toBe(0.99)
    expect(law.chance(answered(HOUR_MS, 20 * HOUR_MS))).toBeGreaterThan(law.chance(answered(HOUR_MS)))
  })

  test('holds who has just failed for gone, and who was named for likely there', () => {
    expect(law.chance(failed(0))).toBe(0.01)
    expect(law.chance(failed(10 * HOUR_MS))).toBeGreaterThan(0.1)
    expect(law.chance({ type: 'named', agoMs: 0 })).toBeCloseTo(0.9, 2)
  })
})

/** What a law says for each time after it has seen so many peers, of which a share is there that depends on the time */
function learned (share: (agoMs: number) => number, times: number[], signsOf: (agoMs: number) => Signs = answered): number[] {
  const law = new PresenceLaw()
  const random = seededRandom(7)

  for (let i = 0; i < 4_000; i++) {
    const agoMs = 8 * HOUR_MS * random()
    law.learn(signsOf(agoMs), random() < share(agoMs))
  }

  return times.map(agoMs => law.chance(signsOf(agoMs)))
}

describe('the law of presence learns', () => {
  const HOURS = [1, 2, 3, 5, 7].map(hours => hours * HOUR_MS)

  test.each<[string, (agoMs: number) => number]>([
    ['short sessions, all of the same mean', agoMs => Math.exp(-agoMs / HOUR_MS)],
    ['peers that are always there', () => 1],
    ['peers that come and go by the clock', agoMs => Math.abs(1 - agoMs / (4 * HOUR_MS))]
  ])('%s', (_, share) => {
    for (const [i, chance] of learned(share, HOURS).entries()) {
      expect(Math.abs(chance - share(HOURS[i]))).toBeLessThan(0.12)
    }
  })

  test('of each kind of sign by itself', () => {
    const law = new PresenceLaw()

    for (let i = 0; i < 500; i++) {
      law.learn(failed(HOUR_MS, true), true)
      law.learn(answered(HOUR_MS), true)
    }

    expect(law.chance(failed(HOUR_MS, true))).toBeGreaterThan(0.9)
    expect(law.chance(failed(HOUR_MS))).toBeLessThan(0.1)
    expect(law.chance({ type: 'named', agoMs: HOUR_MS })).toBe(new PresenceLaw().chance({ type: 'named', agoMs: HOUR_MS }))
  })

  test('nothing from peers that were named just now: the closest to a key are asked at once, and those are not like all', () => {
    const law = new PresenceLaw()
    const named = (agoMs: number): Signs => ({ type: 'named', agoMs })

    for (let i = 0; i < 500; i++) {
      law.learn(named(5_000), false)
    }

    expect(law.chance(named(5_000))).toBe(new PresenceLaw().chance(named(5_000)))
    law.learn(named(20_000), false)
    expect(law.chance(named(5_000))).toBeLessThan(new PresenceLaw().chance(named(5_000)))
  })

  test('again when the network changes', () => {
    const law = new PresenceLaw()
    const see = (isThere: boolean): void => {
      for (let i = 0; i < 1_000; i++) {
        law.learn(answered(HOUR_MS), isThere)
      }
    }

    see(true)
    see(false)

    expect(law.chance(answered(HOUR_MS))).toBeLessThan(0.1)
  })

  test('nothing from what is taken back', () => {
    const law = new PresenceLaw()
    const unseen = law.chance(answered(HOUR_MS))

    for (let i = 0; i < 100; i++) {
      law.unlearn(answered(HOUR_MS), law.learn(answered(HOUR_MS), false))
    }

    expect(law.chance(answered(HOUR_MS))).toBeCloseTo(unseen, 1)
  })

  test('never that anybody is certain', () => {
    expect(learned(() => 1, [0, HOUR_MS]).every(chance => chance <= 0.99)).toBe(true)
    expect(learned(() => 0, [0, HOUR_MS]).every(chance => chance >= 0.01)).toBe(true)
  })
})
