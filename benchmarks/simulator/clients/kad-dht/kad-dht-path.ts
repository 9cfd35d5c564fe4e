import { SortedCandidates } from '../requests/sorted-candidates.ts'
import { TaskQueue } from '../requests/task-queue.ts'
import type { Proximity } from '../proximity.ts'

export interface KadDHTPathInit {
  /** Measures distances to the target of the lookup */
  proximity: Proximity
  seeds: readonly number[]
  k: number
  /** Number of requests of this path at the same time */
  alpha: number
  /** Every peer that any path of the lookup has queued */
  seen: Set<number>
  /** Ask a peer. `onEnd` gets the peers that it names, or undefined when it did not answer. `onEnd` is never called before this function returns. */
  ask: (node: number, onEnd: (named: number[] | undefined) => void) => void
  /** Called when nobody is being asked and nobody is left to ask */
  onIdle: () => void
}

/**
 * One of the disjoint paths of a lookup of kad-dht 16 (query/query-path.ts). A path asks
 * each peer that could still be among the k closest of those that answered on this path.
 * It takes a named peer in only if that one is closer than its referrer and no path has
 * met it. A path ends when it has nothing left to do.
 */
export class KadDHTPath {
  readonly #init: KadDHTPathInit
  readonly #closest: SortedCandidates<'answered'>
  readonly #queue: TaskQueue<number>

  constructor (init: KadDHTPathInit) {
    const { proximity, k, alpha, onIdle } = init

    this.#init = init
    this.#closest = new SortedCandidates(proximity, k)
    this.#queue = new TaskQueue({
      concurrency: alpha,
      maxWaiting: Infinity,
      compare: (a, b) => proximity.compare(a, b),
      // a peer that is too far away by now is not asked any more
      doAtOnce: node => !this.#closest.admits(node),
      start: (node, finished) => { this.#ask(node, finished) },
      onIdle
    })
  }

  /** Ask the seeds */
  start (): void {
    this.#init.seeds.forEach(node => { this.#add(node) })
  }

  #add (node: number): void {
    this.#init.seen.add(node)
    this.#queue.add(node)
  }

  #ask (node: number, finished: () => void): void {
    this.#init.ask(node, named => {
      if (named !== undefined) {
        this.#closest.add(node, 'answered')
        this.#follow(node, named)
      }

      finished()
    })
  }

  #follow (from: number, named: number[]): void {
    const { proximity, seen } = this.#init

    for (const node of named) {
      if (!seen.has(node) && proximity.compare(node, from) < 0 && this.#closest.admits(node)) {
        this.#add(node)
      }
    }
  }
}
