import { expect, test } from 'vitest'
import { signsOf } from '../../src/liveness/signs.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import type { Signs } from '../../src/liveness/signs.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'

const ANSWERED: Partial<PeerScore> = { lastOutcome: 'responded', answeringSince: 100, answeredAt: 400, updatedAt: 450 }
const GONE: Partial<PeerScore> = { ...ANSWERED, lastOutcome: 'dialFailed', updatedAt: 600 }

test.each<[string, Partial<PeerScore> | undefined, number | undefined, Signs]>([
  ['nobody knows', undefined, undefined, { type: 'named', agoMs: 0 }],
  ['others have named', undefined, 700, { type: 'named', agoMs: 300 }],
  ['has answered', ANSWERED, undefined, { type: 'answered', forMs: 300, agoMs: 600, namedSince: false }],
  ['has answered, and was named since', ANSWERED, 401, { type: 'answered', forMs: 300, agoMs: 600, namedSince: true }],
  ['refused to serve, and had answered before', { ...ANSWERED, lastOutcome: 'protocolError' }, 399, { type: 'answered', forMs: 300, agoMs: 600, namedSince: false }],
  ['has failed after it answered', GONE, 500, { type: 'failed', hadAnswered: true, agoMs: 400, namedSince: false }],
  ['has failed, and was named since', GONE, 601, { type: 'failed', hadAnswered: true, agoMs: 400, namedSince: true }],
  ['was silent and has never answered', { lastOutcome: 'timedOut', updatedAt: 600 }, undefined, { type: 'failed', hadAnswered: false, agoMs: 400, namedSince: false }],
  ['has only named others', { referral: 0.9 }, undefined, { type: 'named', agoMs: 0 }],
  ['answered later than now, as the clock went back', { ...ANSWERED, answeredAt: 2000 }, undefined, { type: 'answered', forMs: 1900, agoMs: 0, namedSince: false }]
])('of a peer that %s', (_, record, namedAt, signs) => {
  expect(signsOf(record === undefined ? undefined : { ...unmetPeer(0), ...record }, namedAt, 1000)).toEqual(signs)
})
