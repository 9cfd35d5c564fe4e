import { SortedCandidates } from '../requests/sorted-candidates.ts'
import { TaskQueue } from '../requests/task-queue.ts'
import type { Proximity } from '../proximity.ts'

export interface KadDHTPathInit {
  /** To the target */
  proximity: Proximity
  seeds: readonly number[]
  k: number
  /** Requests of the path at the same time */
  alpha: number
  /** Everybody whom a path of the lookup has queued */
  seen: Set<number>
  /** Ask a peer; `onEnd` is given whom it names, or undefined when it did not answer, and is never called before this returns */
  ask: (node: number, onEnd: (named: number[] | undefined) => void) => void
  /** Nobody is left to ask and nobody is being asked */
  onIdle: () => void
}

/**
 * One of the disjoint paths of a lookup of kad-dht 16 (query/query-path.ts). It asks
 * whoever could still be among the k closest that answered on this path, follows only
 * peers that are closer than who named them and that no path has met, and ends when it
 * has nothing left to do.
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
      // whoever is too far away by now is left alone
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
