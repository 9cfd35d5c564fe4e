import { Proximity } from '../proximity.ts'
import { SortedCandidates } from '../requests/sorted-candidates.ts'
import type { Clock } from '../../clock.ts'
import type { Population } from '../../world/population.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/**
 * Depth of the peers that one's own table names. They are the first hop, as in hops.go of
 * github.com/cortze/go-libp2p-kad-dht, which rfm17 used to count hops.
 */
const SEED_DEPTH = 2

/** go-kad-dht qpeerset/qpeerset.go */
export type GoWalkState = 'heard' | 'waiting' | 'queried' | 'unreachable'

export interface GoWalkResult {
  /**
   * The k closest peers that were not found unreachable during the walk, by ascending XOR
   * distance. A peer stays in this list even when it fails after the walk.
   */
  peers: number[]
  /** The k closest peers that were named, by ascending XOR distance */
  closest: number[]
  /** Every peer that answered, the earliest first */
  answered: ReadonlySet<number>
  /** The seeds that were asked first */
  first: readonly number[]
  /** Whether the walk reached its end, and was not stopped before */
  completed: boolean
  /** Length of the longest chain of referrals to a peer that answered during the walk. One's own table counts as 1, a seed as 2. */
  hops: number
}

export interface GoWalkInit {
  population: Population
  clock: Clock
  target: KadId
  seeds: readonly number[]
  k: number
  /** Requests at the same time */
  alpha: number
  /** This many of the closest peers have to answer before the walk ends */
  beta: number
  /** Whether a walk that is over waits for its requests over open connections */
  drains: boolean
  isConnected: (node: number) => boolean
  /**
   * Ask a peer. `onEnd` gets the peers that it names, or undefined when it did not
   * answer. `onEnd` is never called before this function returns.
   *
   * @param followUp - Whether this request comes after the walk
   * @returns Cancels the request, so that `onEnd` is not called
   */
  ask: (node: number, followUp: boolean, handlers: { onConnected: () => void, onEnd: (named: number[] | undefined) => void }) => () => void
  /** Called after each answer and each failure. Returns true when the walk knows enough and can end. */
  suffices?: (candidates: SortedCandidates<GoWalkState>) => boolean
  onEnd: (result: GoWalkResult) => void
}

interface Request {
  connected: boolean
  cancel: () => void
}

/**
 * A lookup of go-kad-dht (query.go `runLookupWithFollowup`). The walk asks the closest
 * peers that it has heard of, alpha at the same time. It ends when the beta closest peers
 * that are not unreachable have answered, or when nobody is left to ask. Requests that
 * are still under way are then cancelled, or waited for if `drains` is set and their
 * connection is open. At last, all of the k closest that did not answer during the walk
 * are asked at once, and the lookup waits for all of them.
 */
export class GoWalk {
  readonly #init: GoWalkInit
  readonly #candidates: SortedCandidates<GoWalkState>
  readonly #inFlight = new Map<number, Request>()
  readonly #answered = new Set<number>()
  readonly #first: number[] = []
  /** For each peer: the length of the chain of referrals to it */
  readonly #depths = new Map<number, number>()
  #hops = 1
  readonly #cancelStart: () => void
  #phase: 'walking' | 'draining' | 'followingUp' | 'ended' = 'walking'
  #result: Pick<GoWalkResult, 'peers' | 'closest'> = { peers: [], closest: [] }

  constructor (init: GoWalkInit) {
    const { population, target, seeds, clock } = init

    this.#init = init
    this.#candidates = new SortedCandidates(new Proximity(population, target), Infinity)

    for (const node of seeds) {
      this.#candidates.add(node, 'heard')
      this.#depths.set(node, SEED_DEPTH)
    }

    this.#cancelStart = clock.schedule(0, () => { this.#walk() })
  }

  /** Cancel the walk, so that `onEnd` is not called */
  cancel (): void {
    this.#phase = 'ended'
    this.#cancelStart()
    this.#inFlight.forEach(({ cancel }) => { cancel() })
    this.#inFlight.clear()
  }

  #walk (): void {
    const { alpha } = this.#init

    if (this.#suffices() || this.#isStarved() || this.#isConverged()) {
      this.#drain()
      return
    }

    for (const node of this.#candidates.closest(alpha - this.#inFlight.size, 'heard')) {
      this.#candidates.set(node, 'waiting')
      this.#ask(node, false)

      if (this.#first.length < alpha) {
        this.#first.push(node)
      }
    }
  }

  #ask (node: number, followUp: boolean): void {
    const request: Request = { connected: this.#init.isConnected(node), cancel: () => {} }

    this.#inFlight.set(node, request)
    request.cancel = this.#init.ask(node, followUp, {
      onConnected: () => { request.connected = true },
      onEnd: named => {
        this.#inFlight.delete(node)
        this.#onEnd(node, named)
      }
    })
  }

  #onEnd (node: number, named: number[] | undefined): void {
    if (named !== undefined) {
      this.#answered.add(node)
    }

    switch (this.#phase) {
      case 'walking':
        this.#hops = named === undefined ? this.#hops : Math.max(this.#hops, this.#depthOf(node))
        named?.forEach(other => { this.#hear(other, node) })
        this.#candidates.set(node, named === undefined ? 'unreachable' : 'queried')
        this.#walk()
        break
      case 'draining':
        // the peers that it names come too late for the walk, and it is asked once more if it is among the
        // closest
        if (this.#inFlight.size === 0) {
          this.#followUp()
        }

        break
      case 'followingUp':
        if (this.#inFlight.size === 0) {
          this.#end(true)
        } else if (this.#suffices()) {
          this.#end(false)
        }

        break
      case 'ended':
        break
      default:
        this.#phase satisfies never
    }
  }

  #hear (node: number, referrer: number): void {
    this.#candidates.add(node, 'heard')

    if (!this.#depths.has(node)) {
      this.#depths.set(node, this.#depthOf(referrer) + 1)
    }
  }

  #depthOf (node: number): number {
    return this.#depths.get(node) ?? SEED_DEPTH
  }

  #drain (): void {
    this.#phase = 'draining'

    for (const [node, { connected, cancel }] of this.#inFlight) {
      if (!connected || !this.#init.drains) {
        cancel()
        this.#inFlight.delete(node)
      }
    }

    if (this.#inFlight.size === 0) {
      this.#followUp()
    }
  }

  #followUp (): void {
    const { k } = this.#init

    this.#phase = 'followingUp'
    this.#result = {
      peers: this.#candidates.closest(k, 'heard', 'waiting', 'queried'),
      closest: this.#candidates.closest(k, 'heard', 'waiting', 'queried', 'unreachable')
    }

    const queried = new Set(this.#candidates.closest(Infinity, 'queried'))
    const left = this.#result.peers.filter(node => !queried.has(node))

    if (left.length === 0) {
      this.#end(true)
    } else if (this.#suffices()) {
      this.#end(false)
    } else {
      left.forEach(node => { this.#ask(node, true) })
    }
  }

  #end (completed: boolean): void {
    this.cancel()
    this.#init.onEnd({ ...this.#result, answered: this.#answered, first: this.#first, completed, hops: this.#hops })
  }

  #suffices (): boolean {
    return this.#init.suffices?.(this.#candidates) ?? false
  }

  #isStarved (): boolean {
    return this.#inFlight.size === 0 && this.#candidates.closest(1, 'heard').length === 0
  }

  #isConverged (): boolean {
    const { beta } = this.#init
    const inPlay = this.#candidates.closest(beta, 'heard', 'waiting', 'queried')
    const queried = this.#candidates.closest(beta, 'queried')

    return inPlay.every((node, index) => node === queried[index])
  }
}
