import { KadDHTPath } from './kad-dht-path.ts'
import { SortedCandidates } from '../requests/sorted-candidates.ts'
import type { KadDHTPathInit } from './kad-dht-path.ts'
import type { Clock } from '../../clock.ts'
import type { Random } from '../../../random/random.ts'

export interface KadDHTLookupInit extends Omit<KadDHTPathInit, 'seen' | 'ask' | 'onIdle'> {
  clock: Clock
  random: Random
  disjointPaths: number
  /**
   * Ask a peer, by the rules that the `ask` of a path has
   *
   * @returns Cancels the request, so that `onEnd` is not called
   */
  ask: (node: number, onEnd: (named: number[] | undefined) => void) => () => void
  /** The k closest that answered, ascending XOR distance */
  onEnd: (closest: number[]) => void
}

/**
 * A lookup of kad-dht 16 (query/manager.ts). The seeds are dealt out to disjoint paths.
 * The lookup is over when all paths are over.
 */
export class KadDHTLookup {
  readonly #init: KadDHTLookupInit
  readonly #closest: SortedCandidates<'answered'>
  readonly #cancels = new Set<() => void>()
  #running = 0
  #isOver = false

  constructor (init: KadDHTLookupInit) {
    const { proximity, k, clock } = init

    this.#init = init
    this.#closest = new SortedCandidates(proximity, k)
    this.#cancels.add(clock.schedule(0, () => { this.#start() }))
  }

  /** Cancel the lookup, so that `onEnd` is not called */
  cancel (): void {
    this.#isOver = true
    this.#cancels.forEach(cancel => { cancel() })
    this.#cancels.clear()
  }

  #start (): void {
    const { seeds, random, disjointPaths } = this.#init
    // as upstream: this shuffle is not uniform
    const shuffled = seeds.toSorted(() => random() > 0.5 ? 1 : -1)
    const seen = new Set<number>()
    const paths = Array.from({ length: Math.min(disjointPaths, seeds.length) }, (_, path) => new KadDHTPath({
      ...this.#init,
      seeds: shuffled.filter((_, index) => index % disjointPaths === path),
      seen,
      ask: (node, onEnd) => { this.#ask(node, onEnd) },
      onIdle: () => {
        if (--this.#running === 0) {
          this.#end(this.#closest.closest(Infinity, 'answered'))
        }
      }
    }))

    this.#running = paths.length
    paths.forEach(path => { path.start() })

    if (paths.length === 0) {
      this.#end([])
    }
  }

  #ask (node: number, onEnd: (named: number[] | undefined) => void): void {
    const cancel = this.#init.ask(node, named => {
      this.#cancels.delete(cancel)

      // the answer was all that the operation wanted, and it has ended the lookup
      if (this.#isOver) {
        return
      }

      if (named !== undefined) {
        this.#closest.add(node, 'answered')
      }

      onEnd(named)
    })

    this.#cancels.add(cancel)
  }

  #end (closest: number[]): void {
    this.cancel()
    this.#init.onEnd(closest)
  }
}
