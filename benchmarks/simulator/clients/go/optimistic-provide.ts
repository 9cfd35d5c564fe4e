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
  /** How many servers there are, by estimate */
  networkSize: number
  /** Send the record to a peer; `onEnd` never comes before this returns */
  store: (node: number, onEnd: (stored: boolean) => void) => void
  /** Enough stores have ended: those that hold the record by then. What is left goes on */
  onReturn: (holders: number[]) => void
}

/**
 * go-kad-dht's optimistic provide (lookup_optim.go): the record goes out during the walk,
 * to whoever is so close that there can hardly be k closer ones; the walk ends when the k
 * closest are close enough on the whole; and the caller waits for three quarters of the
 * stores only, the failed ones counted too.
 */
export class OptimisticProvide {
  readonly #init: OptimisticProvideInit
  readonly #individualThreshold: number
  readonly #setThreshold: number
  readonly #states = new Map<number, 'scheduled' | 'stored' | 'failed'>()
  #isWalkOver = false
  #ended = 0

  constructor (init: OptimisticProvideInit) {
    const { k, networkSize } = init

    this.#init = init
    this.#individualThreshold = inverseGamma(k, 1 - INDIVIDUAL_CERTAINTY) / networkSize
    this.#setThreshold = inverseGamma(k / 2 + 1, 1 - SET_STRICTNESS) / networkSize
  }

  /** Store with whoever is close enough; whether the walk can end */
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

    // as upstream, whoever is missing of the k has no distance
    return storing.length >= k || sum / k < this.#setThreshold
  }

  /** The walk is over: the rest of the closest get the record too */
  walked (peers: readonly number[]): void {
    peers.forEach(node => { this.#store(node) })
    this.#isWalkOver = true
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
    const { k, onReturn } = this.#init

    if (this.#isWalkOver && this.#ended >= Math.min(Math.ceil(k * RETURN_RATIO), this.#states.size)) {
      this.#isWalkOver = false
      onReturn([...this.#states].filter(([, state]) => state === 'stored').map(([node]) => node))
    }
  }
}
