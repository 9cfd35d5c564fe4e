import { expect, test } from 'vitest'
import { unmetPeer } from '../../src/score/score-formula.ts'
import { pingNeed } from '../../src/upkeep/ping-need.ts'
import type { PingFacts } from '../../src/upkeep/ping-need.ts'

const FRESH_ANSWER_MS = 100

/** A connected peer that answered at 0 */
const ANSWERED: PingFacts = {
  score: { ...unmetPeer(0), latencyMs: 20, lastOutcome: 'responded' },
  peerClass: 'neutral',
  connected: true,
  isInsisted: false
}

test.each([
  ['a stranger', { ...ANSWERED, score: undefined }, 1, 'needed'],
  ['who answered just now', ANSWERED, FRESH_ANSWER_MS - 1, 'answered'],
  ['who answered too long ago', ANSWERED, FRESH_ANSWER_MS, 'needed'],
  ['who answered just now, and is connected no more', { ...ANSWERED, connected: false }, 1, 'needed'],
  ['who failed just now', { ...ANSWERED, score: { ...unmetPeer(0), latencyMs: 20, lastOutcome: 'timedOut' } }, 1, 'needed'],
  ['who stored just now, which is not always answered', { ...ANSWERED, score: { ...unmetPeer(0), lastOutcome: 'stored' } }, 1, 'needed'],
  ['an unacceptable one', { ...ANSWERED, peerClass: 'unacceptable' }, FRESH_ANSWER_MS, 'refused'],
  ['an unacceptable one that answered just now', { ...ANSWERED, peerClass: 'unacceptable' }, 1, 'answered'],
  ['an unacceptable one that garbage collection asks for', { ...ANSWERED, peerClass: 'unacceptable', isInsisted: true }, FRESH_ANSWER_MS, 'needed']
] as const)('of %s', (_, facts, now, need) => {
  expect(pingNeed(facts, { freshAnswerMs: FRESH_ANSWER_MS }, now)).toBe(need)
})
