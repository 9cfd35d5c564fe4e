import { describe, expect, test } from 'vitest'
import { Presence } from '../../src/liveness/presence.ts'
import { REFUSED, TIMED_OUT, responded } from '../score/outcomes.ts'
import type { Signs } from '../../src/liveness/signs.ts'

const SIGNS: Signs = { type: 'answered', forMs: 0, agoMs: 3_600_000, namedSince: false }
const UNSEEN = new Presence().chance(SIGNS)

describe('the chance that a peer answers', () => {
  test('falls with each failure and rises with each answer', () => {
    const presence = new Presence<number>()
    presence.ended(1, TIMED_OUT, SIGNS)
    const afterFailure = presence.chance(SIGNS)
    presence.ended(2, responded(0), SIGNS)

    expect(afterFailure).toBeLessThan(UNSEEN)
    expect(presence.chance(SIGNS)).toBeGreaterThan(afterFailure)
  })

  test('counts a peer that answers in the wrong way as there', () => {
    const presence = new Presence<number>()
    presence.ended(1, { type: 'protocolError' }, SIGNS)

    expect(presence.chance(SIGNS)).toBeGreaterThan(UNSEEN)
  })

  test('forgets a failure that is taken back, once', () => {
    const presence = new Presence<number>()
    presence.ended(1, REFUSED, SIGNS)
    presence.takenBack(1)
    const undone = presence.chance(SIGNS)
    presence.takenBack(1)
    presence.takenBack(99)

    expect(undone).toBeCloseTo(UNSEEN, 1)
    expect(presence.chance(SIGNS)).toBe(undone)
  })

  test('takes a late answer in place of the failure', () => {
    const late = new Presence<number>()
    late.ended(1, TIMED_OUT, SIGNS)
    late.answeredLate(1)

    expect(late.chance(SIGNS)).toBeGreaterThan(UNSEEN)
  })

  test('has no memory of a failure that another outcome followed', () => {
    const presence = new Presence<number>()
    presence.ended(1, TIMED_OUT, SIGNS)
    presence.ended(1, responded(0), { type: 'failed', hadAnswered: true, agoMs: 0, namedSince: false })
    const before = presence.chance(SIGNS)
    presence.takenBack(1)

    expect(presence.chance(SIGNS)).toBe(before)
  })

  test('can take back the last thousand failures, and no more', () => {
    const presence = new Presence<number>()

    for (let peer = 0; peer <= 1_000; peer++) {
      presence.ended(peer, TIMED_OUT, SIGNS)
    }

    const before = presence.chance({ ...SIGNS })
    presence.takenBack(0)
    expect(presence.chance(SIGNS)).toBe(before)

    for (let peer = 1; peer <= 1_000; peer++) {
      presence.answeredLate(peer)
    }

    expect(presence.chance(SIGNS)).toBeGreaterThan(0.9)
  })
})
