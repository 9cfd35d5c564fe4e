import { NODE_LIMITS } from '../parameters/node-limits.ts'
import type { LookupPeer } from './candidate-list.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { OutcomeType } from '../score/outcome.ts'
import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { PeerScores } from '../routing-table/peer-scores.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/** The outcomes that make a peer suspect: it did not answer at all */
const FAILURES = new Set<OutcomeType | undefined>(['timedOut', 'dialFailed'])

/** How long a peer that just became unacceptable is left alone, ms. A peer that fails fast or was tried just once is not left alone. */
const STALE_MS = 60_000
/** The lower the score, the longer a peer is left alone, but no longer than this, ms */
const MAX_STALE_MS = 900_000

/** The weight of a score after a single outcome: 1 for the neutral start and 1 for the outcome */
const ONE_OUTCOME_WEIGHT = 2

/**
 * What is known of a peer besides its score
 */
export interface PeerStatus<P> {
  /** Opaque handle */
  peer: P
  kadId: KadId
  /** Whether there is a connection to it */
  connected: boolean
  /** Whether all of its addresses lead through relays */
  relayed: boolean
  /** Who named it now. Where nobody did, whoever named it before counts, as long as it was not asked. */
  referrer: P | undefined
}

export interface LookupPeerFactsInit<P extends string | number> {
  table: ScoredRoutingTable<P>
  /** Bounds of the time that one request may take */
  timeouts: RequestTimeouts
}

/**
 * What a lookup needs to know of a peer at a given time
 *
 * @param now - ms, by the clock of the records
 */
export function lookupPeerFacts<P extends string | number> (status: PeerStatus<P>, { table, timeouts }: LookupPeerFactsInit<P>, now: number): LookupPeer<P> {
  const { scores, parameters: { unacceptableThreshold } } = table
  const { peer, kadId, connected, relayed } = status
  const referrer = status.referrer ?? table.namedPeer(peer)?.referrer
  const { failsFast = false, triedAt } = table.contact(peer) ?? {}
  const score = scores.score(peer, now, referrer)
  const { meanMs, softDeadlineMs } = scores.expectedWait(peer, connected)
  const record = scores.get(peer)
  // one failure proves little: this machine may just have been busy
  const hadOneChance = record !== undefined && record.weight <= ONE_OUTCOME_WEIGHT

  return {
    peer,
    kadId,
    score,
    peerClass: scores.classOf(peer, now, referrer),
    chance: connected ? 1 : table.chanceOf(peer, now),
    connected,
    relayed,
    failsFast,
    suspect: FAILURES.has(record?.lastOutcome),
    silentMs: silentMs(peer, triedAt, scores, now),
    stale: triedAt === undefined || hadOneChance || triedAt < scores.recoveredAt || now - triedAt > staleAfterMs(score, unacceptableThreshold),
    expectedWaitMs: meanMs,
    probeHoldMs: scores.probeHoldMs(peer),
    softDeadlineMs,
    hardDeadlineMs: Math.round(Math.min(Math.max(NODE_LIMITS.hardPerSoftDeadline * softDeadlineMs, timeouts.minMs), timeouts.maxMs))
  }
}

/**
 * How long a peer has been silent, ms. If nobody asked it for a minute, it may have come
 * back to life, so this is 0.
 */
function silentMs<P extends string | number> (peer: P, triedAt: number | undefined, scores: PeerScores<P>, now: number): number {
  const since = scores.silentSince(peer)

  return since === undefined || triedAt === undefined || now - triedAt > STALE_MS ? 0 : Math.max(0, now - since)
}

/**
 * How long a poor peer is left alone, ms. The time is in inverse proportion to the score,
 * because a peer that failed often will probably fail again.
 */
function staleAfterMs (score: number, unacceptableThreshold: number): number {
  return Math.min(STALE_MS * unacceptableThreshold / Math.max(score, Number.EPSILON), MAX_STALE_MS)
}
