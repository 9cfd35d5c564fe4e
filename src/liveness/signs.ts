import { isSilence } from '../score/outcome-kinds.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * What was seen of a peer last, and tells whether it is there:
 *
 * - `answered`: it answered `agoMs` ago, and by then had answered for `forMs` without a break
 * - `failed`: it was silent when it was asked, `agoMs` ago. `hadAnswered`: it answered us at some time before that
 * - `named`: it was not asked yet, and another peer named it `agoMs` ago
 *
 * `namedSince`: another peer has named it since then.
 */
export type Signs =
  | { readonly type: 'answered', readonly forMs: number, readonly agoMs: number, readonly namedSince: boolean }
  | { readonly type: 'failed', readonly hadAnswered: boolean, readonly agoMs: number, readonly namedSince: boolean }
  | { readonly type: 'named', readonly agoMs: number }

/**
 * What was seen of a peer last
 *
 * @param record - Its score; undefined while it has none
 * @param namedAt - When it was last named to us, ms; undefined when that is not known
 */
export function signsOf (record: Readonly<PeerScore> | undefined, namedAt: number | undefined, now: number): Signs {
  const namedSince = (atMs: number): boolean => namedAt !== undefined && namedAt > atMs

  if (record?.lastOutcome !== undefined && isSilence({ type: record.lastOutcome })) {
    const { updatedAt, answeredAt } = record

    return { type: 'failed', hadAnswered: answeredAt !== undefined, agoMs: since(updatedAt, now), namedSince: namedSince(updatedAt) }
  }

  if (record?.answeringSince !== undefined && record.answeredAt !== undefined) {
    const { answeringSince, answeredAt } = record

    return { type: 'answered', forMs: answeredAt - answeringSince, agoMs: since(answeredAt, now), namedSince: namedSince(answeredAt) }
  }

  return { type: 'named', agoMs: since(namedAt ?? now, now) }
}

/** The clock may have gone back in a restart */
function since (atMs: number, now: number): number {
  return Math.max(0, now - atMs)
}
