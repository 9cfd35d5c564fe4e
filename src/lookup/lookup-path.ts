import type { CandidateList, LookupCandidate } from './candidate-list.ts'
import type { LookupParameters } from '../parameters/lookup-parameters.ts'

/**
 * What a path could do next
 */
export interface Front<P> {
  /** Acceptable peers not asked yet that could still be among the k closest, ascending distance */
  candidates: Array<LookupCandidate<P>>
  /** Unacceptable peers not asked yet, closer than the k-th closest acceptable one, ascending distance */
  passedOver: Array<LookupCandidate<P>>
  /** How many peers of the front are in their slots */
  inFlight: number
  /** How many of those were connected when they were heard of */
  connectedInFlight: number
  /** How many peers the front has, those that answered included; below k when the list has no more */
  inPlay: number
  /** True when the closest peer in play has answered, so that what is left will have to be asked anyway */
  arrived: boolean
}

/**
 * How near a path is to its end
 */
export type Progress =
  | { type: 'converged' }
  | { type: 'exhausted' }
  /** `wakeAtMs`: when the time of a late or probed peer that holds the finish runs out */
  | { type: 'running', wakeAtMs: number | undefined }

/**
 * One path of a lookup: a list of candidates and the two walks over it that
 * decide whom to ask and when to end. A lookup without disjoint paths has one.
 */
export class LookupPath<P> {
  readonly list: CandidateList<P>
  /** Requests in their slots */
  inFlight = 0

  readonly #parameters: LookupParameters
  /** How many of the closest have to answer */
  readonly #beta: number

  constructor (init: { list: CandidateList<P>, parameters: LookupParameters, beta: number }) {
    this.list = init.list
    this.#parameters = init.parameters
    this.#beta = init.beta
  }

  /**
   * The peers that could still be among the k closest. Late and failed ones are
   * passed by, and strangers count for the share of strangers that answer, so
   * that where many are dead others are asked in the same round.
   *
   * @param answerRate - The share of strangers that answer, above 0, at most 1
   */
  front (answerRate: number): Front<P> {
    const { k } = this.#parameters
    const front: Front<P> = { candidates: [], passedOver: [], inFlight: 0, connectedInFlight: 0, inPlay: 0, arrived: false }
    let expectedResponders = 0

    for (const candidate of this.list) {
      const { facts, state } = candidate

      if (state.type === 'failed' || state.type === 'late' || state.type === 'unchecked') {
        continue
      }

      if (!isAcceptable(candidate) && state.type !== 'responded') {
        if (state.type === 'heard' && front.inPlay < k) {
          front.passedOver.push(candidate)
        }

        continue
      }

      if (state.type === 'heard') {
        front.candidates.push(candidate)
      } else if (state.type === 'asked') {
        front.inFlight++
        front.connectedInFlight += facts.connected ? 1 : 0
      }

      front.arrived ||= state.type === 'responded' && front.inPlay === 0
      front.inPlay++
      expectedResponders += state.type === 'responded' || facts.peerClass === 'good' ? 1 : answerRate

      if (expectedResponders >= k) {
        break
      }
    }

    return front
  }

  /**
   * Whether the k closest peers that are still in play have answered. Whoever is
   * closer and may yet answer holds the finish: not asked yet, in its slot, or late
   * or unchecked within its grace. An unacceptable peer does so only if it fails fast, or if the
   * k closest are not full without it; never when it is late.
   *
   * @param circumstances.canAsk - False when no further peer may be asked
   * @param circumstances.canProbe - False when no further unacceptable peer may be probed
   * @param circumstances.patience - The share of `graceMs` that whoever does not connect gets, at most 1
   */
  progress (now: number, { canAsk, canProbe, patience }: { canAsk: boolean, canProbe: boolean, patience: number }): Progress {
    let responded = 0
    let lastChance = false

    for (const candidate of this.list) {
      const { facts, state } = candidate
      const acceptable = isAcceptable(candidate)

      switch (state.type) {
        case 'responded':
          if (++responded === this.#beta) {
            return { type: 'converged' }
          }
          break
        case 'unchecked': {
          const untilMs = state.sinceMs + this.#parameters.graceMs

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
          const untilMs = state.sinceMs + holdInSlotMs(candidate)

          if (now < untilMs) {
            return { type: 'running', wakeAtMs: untilMs === Infinity ? undefined : untilMs }
          }
          lastChance = true
          break
        }
        case 'late': {
          const untilMs = state.sinceMs + this.#graceMs(candidate, patience)

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
   * A peer whose connection stands is alive and may only be slow, and so may one whose
   * relay showed life: how long the rest of the way takes is not known then. Who failed
   * the last time, and does so again, gets no grace; with a connection only if it had
   * the whole of it before, in one lookup or over several: nobody waits twice for the same
   * silence.
   */
  #graceMs ({ facts, reached, sign }: LookupCandidate<P>, patience: number): number {
    const { graceMs, connectedGraceMs } = this.#parameters

    if (facts.suspect && sign !== 'news' && (!reached || facts.silentMs >= connectedGraceMs)) {
      return 0
    }

    return reached || (facts.relayed && sign !== 'none') ? connectedGraceMs : graceMs * patience
  }
}

/**
 * How long a peer in its slot holds the finish, ms from when it was asked. A suspect
 * that got as far as the last time does not, it will fail as it did, unless its score
 * is good enough all the same or its connection stands; a stale one does for as long as
 * most need for a first sign of life.
 */
function holdInSlotMs<P> (candidate: LookupCandidate<P>): number {
  const { facts, sign, reached } = candidate
  const acceptable = isAcceptable(candidate)

  if (facts.suspect && sign === 'asBefore' && !acceptable) {
    return reached ? Infinity : 0
  }

  if (acceptable || facts.failsFast) {
    return Infinity
  }

  return facts.stale && sign === 'none' ? facts.probeHoldMs : 0
}

function isAcceptable<P> ({ facts, sign }: LookupCandidate<P>): boolean {
  return facts.peerClass !== 'unacceptable' || sign === 'news'
}
