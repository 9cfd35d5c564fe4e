import { expect, it } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { RequestOutcome } from '../../src/lookup/request-outcome.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'
import type { Outcome } from '../../src/score/outcome.ts'

const ANSWERED: Outcome = { type: 'responded', latencyMs: 100, setupMs: 0, dialled: false }
const NOW = 1_000_000

function given (referrer?: string): { scores: PeerScores<string>, request: RequestOutcome<string> } {
  const scores = new PeerScores<string>({ parameters: validateScoreParameters() })

  return { scores, request: new RequestOutcome({ peer: 'peer', referrer, startedAt: NOW, scores }) }
}

it('gives one outcome for an answer, to the peer and to who named it', () => {
  const { scores, request } = given('referrer')

  request.settle(ANSWERED, NOW)
  expect(scores.get('peer')).toMatchObject({ lastOutcome: 'responded', weight: 2 })
  expect(scores.get('referrer')?.referral).toBeGreaterThan(0.5)
})

it.each([
  [true, 'timedOut'],
  [false, 'dialFailed']
] as const)('counts a failure when the soft deadline passes (reached: %s)', (reached, type) => {
  const { scores, request } = given('referrer')

  request.softDeadlinePassed(300, reached, NOW)
  expect(scores.get('peer')?.lastOutcome).toBe(type)
  expect(scores.get('referrer')?.referral).toBeLessThan(0.5)
})

it('replaces that failure by a late answer', () => {
  const { scores, request } = given('referrer')
  const punctual = given('referrer')

  request.softDeadlinePassed(300, true, NOW)
  request.settle(ANSWERED, NOW)
  punctual.request.settle(ANSWERED, NOW)

  expect(scores.get('peer')).toEqual(punctual.scores.get('peer'))
  expect(scores.get('referrer')?.referral).toBeCloseTo(punctual.scores.get('referrer')?.referral ?? 0, 10)
})

it('counts no second failure after the soft deadline', () => {
  const { scores, request } = given()

  request.softDeadlinePassed(300, true, NOW)
  const before = scores.get('peer')

  request.softDeadlinePassed(600, true, NOW)
  request.settle({ type: 'timedOut', afterMs: 900 }, NOW)
  expect(scores.get('peer')).toBe(before)
})

it('has no deadline any more once it is settled', () => {
  const { scores, request } = given()

  request.settle(ANSWERED, NOW)
  request.softDeadlinePassed(300, true, NOW)
  expect(scores.get('peer')?.lastOutcome).toBe('responded')
})

it('leaves no trace when it is given up after its soft deadline', () => {
  const { scores, request } = given()

  scores.record('peer', ANSWERED, NOW)
  const before = scores.get('peer')
  request.softDeadlinePassed(300, true, NOW)
  request.abandon()
  request.settle(ANSWERED, NOW)

  expect(scores.get('peer')).toBe(before)
})

it('counts one failure for requests to one peer that were under way together', () => {
  const { scores } = given()
  const requests = [0, 10, 20, 30, 40].map(ms => new RequestOutcome({ peer: 'peer', referrer: undefined, startedAt: NOW + ms, scores }))

  for (const request of requests) {
    request.settle({ type: 'dialFailed', class: 'refused' }, NOW + 50)
  }

  expect(scores.get('peer')).toMatchObject({ weight: 2, lastOutcome: 'dialFailed' })

  new RequestOutcome({ peer: 'peer', referrer: undefined, startedAt: NOW + 60, scores }).settle({ type: 'dialFailed', class: 'refused' }, NOW + 70)
  expect(scores.get('peer')).toMatchObject({ weight: 3 })
})

it('learns from another request of the same time that something had come back', () => {
  const { scores } = given()
  const requests = [0, 10].map(ms => new RequestOutcome({ peer: 'peer', referrer: undefined, startedAt: NOW + ms, scores }))

  requests[0].softDeadlinePassed(50, false, NOW + 50)
  requests[1].softDeadlinePassed(90, true, NOW + 100)

  expect(scores.get('peer')).toMatchObject({ weight: 2, lastOutcome: 'timedOut' })
})
