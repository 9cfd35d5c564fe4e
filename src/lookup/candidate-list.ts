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
  /** The chance that it answers, above 0, at most 1 */
  chance: number
  /** True when there is a connection to the peer */
  connected: boolean
  /** True when the peer can be reached through relays only. The first sign of life is then the relay's. */
  relayed: boolean
  /** True when its last dial was refused at once, so that another try costs no waiting */
  failsFast: boolean
  /** True when the last request to the peer failed. Its score may be good all the same. */
  suspect: boolean
  /** How long the peer has been silent, although it was connected, ms; 0 when its last request did not time out */
  silentMs: number
  /**
   * True when a poor score may be out of date. The peer was tried just once, or a long
   * time ago, or not since other poor peers began to answer again.
   */
  stale: boolean
  /** Expected time from the question to the answer, dial included, ms; above 0 */
  expectedWaitMs: number
  /** If the peer is asked as a probe, the lookup does not end for this long, unless a sign of life comes; ms from the question */
  probeHoldMs: number
  /** When the slot of its request is freed, ms from the question */
  softDeadlineMs: number
  /** When its request is given up, ms from the question */
  hardDeadlineMs: number
  /**
   * True while nobody knows whether the peer can be dialled at all. A `checked` must follow.
   *
   * @default false
   */
  unchecked?: boolean
}

/**
 * Where a lookup stands with a peer:
 *
 * - `unchecked`: nobody knows yet whether the peer can be dialled, so it can't be asked
 * - `heard`: the peer was not asked yet
 * - `asked`: its request is under way and has a slot
 * - `late`: its soft deadline has passed. It has no slot any more, but may still answer. `wasSilent`: nothing had come back by then.
 * - `responded`, `failed`: its request is over
 *
 * Since when a state lasts (`sinceMs`) is in ms.
 */
export type CandidateState =
  | { type: 'unchecked', sinceMs: number }
  | { type: 'heard' }
  | { type: 'asked', sinceMs: number }
  | { type: 'late', sinceMs: number, wasSilent: boolean }
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
  /** True when a connection to the peer stands, or very probably does */
  reached: boolean
  /**
   * Whether the peer has given a sign of life in this lookup. With `news` it could not be
   * reached the last time, so a poor score is out of date. With `asBefore` the last
   * request got as far as this one.
   */
  sign: 'none' | 'news' | 'asBefore'
}

/**
 * The peers that one path of a lookup has heard of, sorted by ascending XOR distance
 * from the target. The list is bounded: when it has too many peers, the furthest of
 * those that were not asked yet leaves.
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
   * Insert a peer. Its state is `unchecked` if its facts say so, and else `heard`.
   *
   * @param now - ms
   * @returns `added`: the new candidate; `dropped`: the one that had to leave, which may be the new one
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

/** A candidate. Its distance is only computed when a selector reads it, because most candidates are too far away to be read. */
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

/** The first 32 bits of the distance as a number that sorts like the distance itself. Two distances with the same first 32 bits give the same number. */
function distanceHead (target: KadId, kadId: KadId): number {
  // XOR gives a signed number, in which the highest bit means below zero. That bit is flipped, so that the order is right.
  return headOf(target) ^ headOf(kadId) ^ 0x80000000
}
