import { inverseGamma } from './inverse-gamma.ts'
import { normedDistance } from './network-size.ts'
import type { GoWalkState } from './go-walk.ts'
import type { SortedCandidates } from '../requests/sorted-candidates.ts'
import type { Population } from '../../world/population.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** go-kad-dht lookup_optim.go `optProvIndividualThresholdCertainty`, `optProvSetThresholdStrictness`, `optProvReturnRatio` */
const INDIVIDUAL_CERTAINTY = 0.9
const SET_STRICTNESS = 0.1
const RETURN_RATIO = 0.75

export interface OptimisticProvideInit {
  population: Population
  target: KadId
  k: number
  /** The estimated number of servers */
  networkSize: number
  /** Send the record to a peer. `onEnd` is never called before this function returns. */
  store: (node: number, onEnd: (stored: boolean) => void) => void
  /** Enough stores have ended. `holders` are the peers that hold the record by then. `goesOn`: other stores are under way. */
  onReturn: (holders: number[], goesOn: boolean) => void
  /** The stores that went on have ended, too. `holders` are all peers that hold the record. */
  onSettled?: (holders: number[]) => void
}

/**
 * go-kad-dht's optimistic provide (lookup_optim.go). During the walk, the record is
 * already sent to each peer that is so close to the key that k closer peers are very
 * unlikely. The walk ends when the mean distance of the k closest is small enough. The
 * caller waits only until three quarters of the stores have ended, failed ones included.
 */
export class OptimisticProvide {
  readonly #init: OptimisticProvideInit
  readonly #individualThreshold: number
  readonly #setThreshold: number
  readonly #states = new Map<number, 'scheduled' | 'stored' | 'failed'>()
  #phase: 'walking' | 'storing' | 'returned' | 'settled' = 'walking'
  #ended = 0

  constructor (init: OptimisticProvideInit) {
    const { k, networkSize } = init

    this.#init = init
    this.#individualThreshold = inverseGamma(k, 1 - INDIVIDUAL_CERTAINTY) / networkSize
    this.#setThreshold = inverseGamma(k / 2 + 1, 1 - SET_STRICTNESS) / networkSize
  }

  /** Store the record with each peer that is close enough. Returns whether the walk can end. */
  suffices (candidates: SortedCandidates<GoWalkState>): boolean {
    const { population, target, k } = this.#init
    const closest = candidates.closest(k, 'heard', 'waiting', 'queried')
    let sum = 0

    for (const node of closest) {
      const distance = normedDistance(target, population.kadId(node))

      sum += distance

      if (distance <= this.#individualThreshold) {
        this.#store(node)
      }
    }

    const storing = [...this.#states.values()].filter(state => state !== 'failed')

    // as upstream: when there are fewer than k peers, those that are missing add no distance
    return storing.length >= k || sum / k < this.#setThreshold
  }

  /** The walk is over. The closest peers that do not have the record yet get it now. */
  walked (peers: readonly number[]): void {
    peers.forEach(node => { this.#store(node) })
    this.#phase = 'storing'
    this.#returnIfEnough()
  }

  #store (node: number): void {
    if (this.#states.has(node)) {
      return
    }

    this.#states.set(node, 'scheduled')
    this.#init.store(node, stored => {
      this.#states.set(node, stored ? 'stored' : 'failed')
      this.#ended++
      this.#returnIfEnough()
    })
  }

  #returnIfEnough (): void {
    const { k, onReturn, onSettled } = this.#init
    const goesOn = this.#ended < this.#states.size

    switch (this.#phase) {
      case 'walking':
      case 'settled':
        break
      case 'storing':
        if (this.#ended >= Math.min(Math.ceil(k * RETURN_RATIO), this.#states.size)) {
          this.#phase = goesOn ? 'returned' : 'settled'
          onReturn(this.#holders, goesOn)
        }
        break
      case 'returned':
        if (!goesOn) {
          this.#phase = 'settled'
          onSettled?.(this.#holders)
        }
        break
      default:
        this.#phase satisfies never
    }
  }

  get #holders (): number[] {
    return [...this.#states].filter(([, state]) => state === 'stored').map(([node]) => node)
  }
}
