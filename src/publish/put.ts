import { log2Distance } from '../keyspace/log2-distance.ts'
import { compareDistance, distance } from '../keyspace/xor-distance.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { NetworkEstimate } from '../keyspace/network-size.ts'

/**
 * While the walk goes on, the record is stored with peers up to this many times as far away as the
 * k-th closest is on average. Some keys have few peers near, so with a reach of 1 one put in ten would have to
 * wait for the end of its walk. Further away hardly anybody is among the k closest.
 */
const EARLY_REACH = 1.25

/** An estimate of the network's size with a larger error than this share of it is not used */
const MAX_ERROR = 0.25

/** What a put is made of */
export interface PutInit {
  target: KadId
  /** How many holders a record should have */
  k: number
  /** The caller goes on when so many of the k closest peers that have answered hold the record; 1 to k */
  returnAfter: number
  /** The number of servers; undefined while nobody knows. Then nothing is stored before the walk is over. */
  size?: NetworkEstimate
}

/** A fact for a put */
export type PutFact<P> =
  /** A peer has answered in the walk. `hasRecord`: the record was sent ahead of the question, as `isNear` allowed, so the peer holds it. */
  | { type: 'answered', peer: P, kadId: KadId, hasRecord: boolean }
  /** The walk is over: all that will answer have done so */
  | { type: 'walked' }
  /** A peer holds the record */
  | { type: 'stored', peer: P }
  /** A peer could not be given the record */
  | { type: 'failed', peer: P }
  /** The put is no longer wanted */
  | { type: 'cancelled' }

/** A command of a put, to be carried out in the order given */
export type PutCommand<P> =
  /** Store the record with a peer. `stored` or `failed` has to follow. */
  | { type: 'store', peer: P }
  /** The caller may go on. `holders` are the peers of the k closest that hold the record by now, ascending distance. `goesOn`: the put is not over, and `finish` follows later. */
  | { type: 'return', holders: P[], goesOn: boolean }
  /** Nothing is left to do. `holders` are all peers that hold the record, ascending distance; `failed` counts those that could not be given it. */
  | { type: 'finish', holders: P[], failed: number }

interface Candidate<P> {
  peer: P
  kadId: KadId
  state: 'answered' | 'storing' | 'stored' | 'failed'
}

/**
 * One put as a state machine: it stores a record with the k closest peers that answer a walk
 * towards its key. Peers that are very likely among these get it while the walk goes on. A peer
 * that can't be given it is replaced by the next closest. The caller need not wait for the last ones.
 */
export class Put<P extends string | number> {
  readonly #init: PutInit
  /** The binary logarithm of the share of the keyspace within which peers are near */
  readonly #reachLog2: number
  /** All that have answered, ascending distance */
  readonly #candidates: Array<Candidate<P>> = []
  readonly #byPeer = new Map<P, Candidate<P>>()
  #state: 'walking' | 'storing' | 'finished' = 'walking'
  #hasReturned = false

  constructor (init: PutInit) {
    this.#init = init
    this.#reachLog2 = Math.log2(nearShare(init))
  }

  /** How many peers hold the record by now, those further away than the k closest included */
  get stored (): number {
    return this.#candidates.filter(({ state }) => state === 'stored').length
  }

  /**
   * Whether a peer is so close to the key that it very likely is among the k closest. It may get the
   * record before that is certain, even with the first question to it.
   */
  isNear (kadId: KadId): boolean {
    const away = distance(this.#init.target, kadId)

    return log2Distance(away) - 8 * away.length <= this.#reachLog2
  }

  /** Take in a fact and decide what follows from it */
  advance (fact: PutFact<P>): Array<PutCommand<P>> {
    if (this.#state === 'finished') {
      return []
    }

    switch (fact.type) {
      case 'answered':
        this.#answered(fact)
        break
      case 'walked':
        this.#state = 'storing'
        break
      case 'stored':
      case 'failed':
        this.#ended(fact.peer, fact.type)
        break
      case 'cancelled':
        this.#state = 'finished'
        return [this.#finish()]
      default:
        return fact satisfies never
    }

    return this.#decide()
  }

  #answered ({ peer, kadId, hasRecord }: PutFact<P> & { type: 'answered' }): void {
    if (this.#byPeer.has(peer)) {
      return
    }

    const { target } = this.#init
    const candidate: Candidate<P> = { peer, kadId, state: hasRecord ? 'stored' : 'answered' }
    const index = this.#candidates.findIndex(other => compareDistance(target, kadId, other.kadId) < 0)

    this.#byPeer.set(peer, candidate)
    this.#candidates.splice(index === -1 ? this.#candidates.length : index, 0, candidate)
  }

  #ended (peer: P, state: 'stored' | 'failed'): void {
    const candidate = this.#byPeer.get(peer)

    if (candidate?.state === 'storing') {
      candidate.state = state
    }
  }

  #decide (): Array<PutCommand<P>> {
    const commands: Array<PutCommand<P>> = []
    const closest = this.#candidates.filter(({ state }) => state !== 'failed').slice(0, this.#init.k)

    for (const candidate of closest) {
      if (candidate.state === 'answered' && (this.#state === 'storing' || this.isNear(candidate.kadId))) {
        candidate.state = 'storing'
        commands.push({ type: 'store', peer: candidate.peer })
      }
    }

    const holders = closest.filter(({ state }) => state === 'stored').map(({ peer }) => peer)
    const isOver = this.#state === 'storing' && !this.#candidates.some(({ state }) => state === 'storing')

    if (!this.#hasReturned && (isOver || holders.length >= this.#init.returnAfter)) {
      this.#hasReturned = true
      commands.push({ type: 'return', holders, goesOn: !isOver })
    }

    if (isOver) {
      this.#state = 'finished'
      commands.push(this.#finish())
    }

    return commands
  }

  #finish (): PutCommand<P> {
    return {
      type: 'finish',
      holders: this.#candidates.filter(({ state }) => state === 'stored').map(({ peer }) => peer),
      failed: this.#candidates.filter(({ state }) => state === 'failed').length
    }
  }
}

/** How far away near peers are at most, as a share of the keyspace; 0 while nobody knows */
function nearShare ({ k, size }: PutInit): number {
  return size === undefined || size.standardError > MAX_ERROR * size.servers ? 0 : EARLY_REACH * k / size.servers
}
