import { log2Distance } from '../keyspace/log2-distance.ts'
import { CERTAIN } from '../liveness/presence-law.ts'
import { NODE_LIMITS } from '../parameters/node-limits.ts'
import type { CandidateList, LookupCandidate, LookupPeer } from './candidate-list.ts'
import type { Graces } from '../liveness/late-answers.ts'
import type { LookupParameters } from '../parameters/lookup-parameters.ts'

/** How long a peer among the k closest holds the finish while nobody knows whether it can be dialled, ms: a name in its address may have to be resolved */
const CHECK_MS = 1_000

/** The front would hold far too many peers if those that are likely dead counted for less */
const LEAST_SHARE = 0.2

/**
 * What a path could do next
 */
export interface Front<P> {
  /** Acceptable peers not asked yet that could still be among the k closest, ascending distance. Where `hasNear`, few that are far away. */
  candidates: Array<LookupCandidate<P>>
  /** Unacceptable peers not asked yet, closer than the k-th closest acceptable one, ascending distance */
  passedOver: Array<LookupCandidate<P>>
  /** How many peers of the front are being asked, in a slot */
  inFlight: number
  /** How many of those were connected when they were heard of */
  connectedInFlight: number
  /** How many peers the front has, those that answered included; below k only when the list has no more */
  inPlay: number
  /** True when the closest peer in play has answered. Most peers of the front then have to be asked in any case. */
  arrived: boolean
  /** True when the closest peer in play is likely among the k closest */
  hasNear: boolean
}

/**
 * How near a path is to its end
 */
export type Progress =
  | { type: 'converged' }
  | { type: 'exhausted' }
  /** `wakeAtMs`: when the lookup stops waiting for the peer that now keeps it from its end, ms; undefined when it waits without a limit of its own */
  | { type: 'running', wakeAtMs: number | undefined }

/**
 * One path of a lookup: a list of candidates, and two walks over that list. `front` decides
 * who could be asked, and `progress` when to end. A lookup without disjoint paths has one path.
 */
export class LookupPath<P> {
  readonly list: CandidateList<P>
  /** How many requests of the path have a slot */
  inFlight = 0
  /** How many connected peers may still be asked for a hint */
  hintsLeft: number = NODE_LIMITS.hints

  readonly #parameters: LookupParameters
  readonly #graces: Graces
  /** How many of the closest peers have to answer */
  readonly #beta: number
  readonly #nearLog2: number

  constructor (init: { list: CandidateList<P>, parameters: LookupParameters, graces: Graces, beta: number, nearLog2?: number }) {
    this.list = init.list
    this.#parameters = init.parameters
    this.#graces = init.graces
    this.#beta = init.beta
    this.#nearLog2 = init.nearLog2 ?? -Infinity
  }

  /**
   * The peers that could still be among the k closest. Late, failed and unchecked peers
   * are left out. A peer that did not answer yet counts as a part of one, by the chance that it
   * does. So where many peers are dead, the front is longer and more of them are asked at the
   * same time. While some are likely among the k closest, only a few of the others are candidates.
   *
   * @param answerRate - The share of strangers that answer, above 0, at most 1
   */
  front (answerRate: number): Front<P> {
    const { k } = this.#parameters
    const front: Front<P> = { candidates: [], passedOver: [], inFlight: 0, connectedInFlight: 0, inPlay: 0, arrived: false, hasNear: false }
    let expectedResponders = 0
    let farInFlight = 0

    for (const candidate of this.list) {
      const { facts, state } = candidate

      if (state.type === 'failed' || state.type === 'late' || state.type === 'unchecked') {
        continue
      }

      if (!this.#isAcceptable(candidate) && state.type !== 'responded') {
        if (state.type === 'heard' && front.inPlay < k) {
          front.passedOver.push(candidate)
        }

        continue
      }

      if (state.type === 'heard') {
        front.candidates.push(candidate)
      } else if (state.type === 'asked') {
        front.inFlight++
        farInFlight += this.#isNear(candidate) ? 0 : 1
        front.connectedInFlight += facts.connected ? 1 : 0
      }

      front.arrived ||= state.type === 'responded' && front.inPlay === 0
      front.hasNear ||= front.inPlay === 0 && this.#isNear(candidate)
      front.inPlay++
      expectedResponders += state.type === 'responded' ? 1 : expectedShare(facts, answerRate)

      if (expectedResponders >= k) {
        break
      }
    }

    if (front.hasNear) {
      let room = NODE_LIMITS.farBesideNear - farInFlight
      front.candidates = front.candidates.filter(candidate => this.#isNear(candidate) || room-- > 0)
    }

    return front
  }

  #isNear (candidate: LookupCandidate<P>): boolean {
    return log2Distance(candidate.distance) <= this.#nearLog2
  }

  /**
   * The acceptable connected peers that were not asked yet, however far away, by ascending distance
   */
  connected (): Array<LookupCandidate<P>> {
    return [...this.list].filter(candidate => candidate.state.type === 'heard' && candidate.facts.connected && this.#isAcceptable(candidate))
  }

  /**
   * Whether the k closest peers that are still in play have answered. A closer peer that
   * may yet answer keeps the lookup from its end. Such a peer was not asked yet, or has a slot, or is
   * late or unchecked and within its grace. An unacceptable peer is waited for only when it
   * fails fast or is stale, or when fewer than k others have answered, and never when it
   * is late. A poor peer counts as acceptable when a sign of life shows that its score is
   * out of date, or when it is connected and has just begun to be silent.
   *
   * @param circumstances.canAsk - False when no further peer may be asked
   * @param circumstances.canProbe - False when no further unacceptable peer may be probed
   * @param circumstances.silentGraceMs - The grace of a late peer without a sign of life
   */
  progress (now: number, { canAsk, canProbe, silentGraceMs }: { canAsk: boolean, canProbe: boolean, silentGraceMs: number }): Progress {
    let responded = 0
    let lastChance = false

    for (const candidate of this.list) {
      const { facts, state } = candidate
      const acceptable = this.#isAcceptable(candidate)

      switch (state.type) {
        case 'responded':
          if (++responded === this.#beta) {
            return { type: 'converged' }
          }
          break
        case 'unchecked': {
          const untilMs = state.sinceMs + CHECK_MS

          if (canAsk && acceptable && now < untilMs) {
            return { type: 'running', wakeAtMs: untilMs }
          }
          break
        }
        case 'heard':
          if (canAsk && (acceptable || ((facts.failsFast || facts.stale) && canProbe))) {
            return { type: 'running', wakeAtMs: undefined }
          }
          lastChance ||= canAsk
          break
        case 'asked': {
          const untilMs = state.sinceMs + holdInSlotMs(candidate, acceptable)

          if (now < untilMs) {
            return { type: 'running', wakeAtMs: untilMs === Infinity ? undefined : untilMs }
          }
          lastChance = true
          break
        }
        case 'late': {
          const untilMs = state.sinceMs + this.#graceMs(candidate, silentGraceMs)

          if (acceptable && now < untilMs) {
            return { type: 'running', wakeAtMs: untilMs }
          }
          break
        }
        case 'failed':
          break
        default:
          return state satisfies never
      }
    }

    return lastChance ? { type: 'running', wakeAtMs: undefined } : { type: 'exhausted' }
  }

  /**
   * The grace of a late peer, ms. A connected peer is alive and may only be slow, so its
   * grace is long. The same holds for a peer whose relay gave a sign of life, because nobody
   * knows how long the rest of the way takes. A suspect peer will fail as it did the last
   * time, so it gets no grace, unless its sign of life is news. A suspect peer with a
   * connection still gets it, until it has been silent for as long as the whole grace, in
   * one lookup or over several.
   */
  #graceMs ({ facts, reached, sign }: LookupCandidate<P>, silentGraceMs: number): number {
    const { signed, connected } = this.#graces

    if (facts.suspect && sign !== 'news' && (!reached || facts.silentMs >= connected)) {
      return 0
    }

    if (reached || (facts.relayed && sign !== 'none')) {
      return connected
    }

    // whoever gave a sign of life is not one of the dead
    return sign === 'none' ? silentGraceMs : signed
  }

  /**
   * A peer that is connected is not given up before it was silent for the whole grace, even
   * where its first failure has made it a poor peer: its way may be longer than its dial was.
   */
  #isAcceptable ({ facts, sign, reached }: LookupCandidate<P>): boolean {
    const hasJustFailed = facts.suspect && facts.silentMs > 0 && facts.silentMs < this.#graces.connected

    return facts.peerClass !== 'unacceptable' || sign === 'news' || (hasJustFailed && (facts.connected || reached))
  }
}

/**
 * As how many peers one counts that did not answer yet, 0.2 to 1. A good peer that is
 * certain to be there counts as one. A stranger counts for no more than the strangers of this
 * lookup have turned out to be.
 */
function expectedShare<P> ({ peerClass, chance }: LookupPeer<P>, answerRate: number): number {
  if (peerClass === 'good') {
    return chance >= CERTAIN ? 1 : Math.max(chance, LEAST_SHARE)
  }

  return Math.max(Math.min(chance, answerRate), LEAST_SHARE)
}

/**
 * How long a peer with a slot keeps the lookup from its end, ms from the question.
 *
 * - An acceptable peer: until its slot is freed
 * - A poor suspect whose dial got as far as the last time: until its slot is freed if a
 *   connection stands, and else not at all, because it will fail in the same way
 * - Any other poor peer that fails fast: until its slot is freed
 * - A stale poor peer without a sign of life: as long as most peers need for the first one
 * - Any other poor peer: not at all
 */
function holdInSlotMs<P> ({ facts, sign, reached }: LookupCandidate<P>, acceptable: boolean): number {
  if (facts.suspect && sign === 'asBefore' && !acceptable) {
    return reached ? Infinity : 0
  }

  if (acceptable || facts.failsFast) {
    return Infinity
  }

  return facts.stale && sign === 'none' ? facts.probeHoldMs : 0
}
