import type { LookupPeer } from './candidate-list.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { OutcomeType } from '../score/outcome.ts'
import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { PeerScores } from '../routing-table/peer-scores.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/** A request is given up after this many soft deadlines, within the bounds of the time-outs */
const HARD_PER_SOFT_DEADLINE = 2

/** Last outcomes by which a peer did not answer at all */
const FAILURES = new Set<OutcomeType | undefined>(['timedOut', 'dialFailed'])

/** A peer that just became unacceptable is left alone for this long, unless it fails fast or had one chance only; the poorer, the longer, ms */
const STALE_MS = 60_000
const MAX_STALE_MS = 900_000

/** The weight of a score after a single outcome: the neutral start counts as one */
const ONE_OUTCOME_WEIGHT = 2

/**
 * What is known of a peer beside its score
 */
export interface PeerStatus<P> {
  /** Opaque handle */
  peer: P
  kadId: KadId
  /** Whether there is a connection to it */
  connected: boolean
  /** Whether all of its addresses lead through relays */
  relayed: boolean
  /** Who named it; undefined when nobody did */
  referrer: P | undefined
}

export interface LookupPeerFactsInit<P extends string | number> {
  table: ScoredRoutingTable<P>
  /** Bounds of the time that one request may take */
  timeouts: RequestTimeouts
}

/**
 * What a lookup needs to know of a peer, as its score has it at a time
 *
 * @param now - ms, by the clock of the records
 */
export function lookupPeerFacts<P extends string | number> (status: PeerStatus<P>, { table, timeouts }: LookupPeerFactsInit<P>, now: number): LookupPeer<P> {
  const { scores, parameters: { unacceptableThreshold } } = table
  const { peer, kadId, connected, relayed, referrer } = status
  const { failsFast = false, triedAt } = table.contact(peer) ?? {}
  const score = scores.score(peer, now, referrer)
  const { meanMs, softDeadlineMs } = scores.expectedWait(peer, connected)
  const record = scores.get(peer)
  // one failure, of a ping when this machine was busy say, condemns nobody
  const hadOneChance = record !== undefined && record.weight <= ONE_OUTCOME_WEIGHT

  return {
    peer,
    kadId,
    score,
    peerClass: scores.classOf(peer, now, referrer),
    connected,
    relayed,
    failsFast,
    suspect: FAILURES.has(record?.lastOutcome),
    silentMs: silentMs(peer, triedAt, scores, now),
    stale: triedAt === undefined || hadOneChance || triedAt < scores.recoveredAt || now - triedAt > staleAfterMs(score, unacceptableThreshold),
    expectedWaitMs: meanMs,
    probeHoldMs: scores.probeHoldMs(peer),
    softDeadlineMs,
    hardDeadlineMs: Math.round(Math.min(Math.max(HARD_PER_SOFT_DEADLINE * softDeadlineMs, timeouts.minMs), timeouts.maxMs))
  }
}

/**
 * Whom nobody asked for a minute may have come back to life since
 */
function silentMs<P extends string | number> (peer: P, triedAt: number | undefined, scores: PeerScores<P>, now: number): number {
  const since = scores.silentSince(peer)

  return since === undefined || triedAt === undefined || now - triedAt > STALE_MS ? 0 : Math.max(0, now - since)
}

/**
 * In inverse proportion to the score: what failed again and again will once more
 */
function staleAfterMs (score: number, unacceptableThreshold: number): number {
  return Math.min(STALE_MS * unacceptableThreshold / Math.max(score, Number.EPSILON), MAX_STALE_MS)
}
