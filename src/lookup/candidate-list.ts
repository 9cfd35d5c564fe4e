import { headOf } from '../keyspace/head-of.ts'
import { compareDistance, distance } from '../keyspace/xor-distance.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerClass } from '../score/peer-score.ts'
import type { Candidate } from '../selection/peer-selector.ts'

/**
 * What is known of a peer at the moment a lookup hears of it
 */
export interface LookupPeer<P> {
  /** Opaque handle */
  peer: P
  kadId: KadId
  /** 0 to 1; 0.5 is neutral */
  score: number
  peerClass: PeerClass
  /** True when there is a connection to it */
  connected: boolean
  /** True when it can be reached through relays only, so that the first sign of life is a relay's */
  relayed: boolean
  /** True when its last failure came at once (a refused dial), so that trying it again costs no waiting */
  failsFast: boolean
  /** True when it did not answer the last time, whatever its score is still */
  suspect: boolean
  /** For how long it has let all requests wait whose connection stood, up to now, ms; 0 when it has not */
  silentMs: number
  /** True when it was tried just once, not for so long that a poor score may be out of date, or not since others with a poor score began to answer again */
  stale: boolean
  /** Expected time from asking to its answer, dial included, ms; above 0 */
  expectedWaitMs: number
  /** As a probe, it holds the finish for this long after it was asked unless it gives a sign of life, ms */
  probeHoldMs: number
  /** Its slot is freed this long after it was asked, ms */
  softDeadlineMs: number
  /** It is given up this long after it was asked, ms */
  hardDeadlineMs: number
  /**
   * True while it is not known whether it can be dialled at all: a `checked` must follow
   *
   * @default false
   */
  unchecked?: boolean
}

/**
 * Where a lookup stands with a peer. `asked` holds a slot; `late` has passed its
 * soft deadline, holds none and may still answer. `unchecked` can't be asked yet.
 */
export type CandidateState =
  | { type: 'unchecked', sinceMs: number }
  | { type: 'heard' }
  | { type: 'asked', sinceMs: number }
  | { type: 'late', sinceMs: number }
  | { type: 'responded' }
  | { type: 'failed' }

/**
 * A peer on a lookup's list
 */
export interface LookupCandidate<P> extends Candidate {
  readonly facts: LookupPeer<P>
  /** Index of the disjoint path that heard of it first */
  readonly path: number
  state: CandidateState
  /** True from the moment a connection to it stands, or that is the likeliest */
  reached: boolean
  /** The first sign of life that it gave: it could not be reached before, so that its poor score is out of date, or it could */
  sign: 'none' | 'news' | 'asBefore'
}

/**
 * The peers that one path of a lookup has heard of, always sorted by ascending
 * XOR distance from the target, and bounded: a peer that was not asked yet
 * makes room when it is the furthest of too many.
 */
export class CandidateList<P> implements Iterable<LookupCandidate<P>> {
  readonly #target: KadId
  readonly #path: number
  readonly #capacity: number
  readonly #sorted: Array<HeardCandidate<P>> = []

  constructor (init: { target: KadId, path: number, capacity: number }) {
    this.#target = init.target
    this.#path = init.path
    this.#capacity = init.capacity
  }

  [Symbol.iterator] (): Iterator<LookupCandidate<P>> {
    return this.#sorted.values()
  }

  /**
   * How many peers are closer to the target than this one, on this list
   */
  rank (candidate: LookupCandidate<P>): number {
    return this.#position(candidate.facts.kadId, distanceHead(this.#target, candidate.facts.kadId))
  }

  /**
   * Insert a peer as `heard` or, if that is what it is, as `unchecked`.
   *
   * @param now - ms
   * @returns The new candidate, and the one that had to make room for it, which may be the same
   */
  add (facts: LookupPeer<P>, now: number): { added: LookupCandidate<P>, dropped: LookupCandidate<P> | undefined } {
    const added = new HeardCandidate(facts, this.#path, this.#target, now)

    this.#sorted.splice(this.#position(facts.kadId, added.distanceHead), 0, added)

    return { added, dropped: this.#sorted.length > this.#capacity ? this.#dropFurthest() : undefined }
  }

  /**
   * Take a peer off the list
   */
  remove (candidate: LookupCandidate<P>): void {
    this.#sorted.splice(this.rank(candidate), 1)
  }

  #dropFurthest (): LookupCandidate<P> | undefined {
    const index = this.#sorted.findLastIndex(({ state }) => state.type === 'heard' || state.type === 'unchecked')

    return index === -1 ? undefined : this.#sorted.splice(index, 1)[0]
  }

  #position (kadId: KadId, head: number): number {
    let low = 0
    let high = this.#sorted.length

    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#sorted[middle]

      if (other.distanceHead < head || (other.distanceHead === head && compareDistance(this.#target, other.facts.kadId, kadId) < 0)) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low
  }
}

/** A candidate whose distance is worked out when a selector asks: most are too far away to be ever looked at */
class HeardCandidate<P> implements LookupCandidate<P> {
  readonly facts: LookupPeer<P>
  readonly path: number
  readonly score: number
  readonly expectedWaitMs: number
  readonly distanceHead: number
  state: CandidateState
  reached: boolean
  sign: LookupCandidate<P>['sign'] = 'none'
  readonly #target: KadId
  #knownDistance: KadId | undefined

  constructor (facts: LookupPeer<P>, path: number, target: KadId, now: number) {
    this.facts = facts
    this.state = facts.unchecked === true ? { type: 'unchecked', sinceMs: now } : { type: 'heard' }
    this.path = path
    this.score = facts.score
    this.expectedWaitMs = facts.expectedWaitMs
    this.distanceHead = distanceHead(target, facts.kadId)
    this.reached = facts.connected
    this.#target = target
  }

  get distance (): KadId {
    this.#knownDistance ??= distance(this.#target, this.facts.kadId)

    return this.#knownDistance
  }
}

/** A number of 32 bits by which distances from a target sort, but for those whose first 32 bits are the same */
function distanceHead (target: KadId, kadId: KadId): number {
  // of distances the highest bit counts most, of signed numbers it counts against the others
  return headOf(target) ^ headOf(kadId) ^ 0x80000000
}
