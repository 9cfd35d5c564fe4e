import type { Proximity } from '../proximity.ts'

interface Candidate<State> {
  readonly node: number
  state: State
}

/**
 * The nodes that a walk has heard of, by ascending XOR distance from its target, each
 * with where the walk stands with it
 */
export class SortedCandidates<State> {
  readonly #proximity: Proximity
  readonly #capacity: number
  readonly #sorted: Array<Candidate<State>> = []
  readonly #byNode = new Map<number, Candidate<State>>()

  /**
   * @param proximity - To the target
   * @param capacity - Beyond, the furthest is dropped; Infinity for never
   */
  constructor (proximity: Proximity, capacity: number) {
    this.#proximity = proximity
    this.#capacity = capacity
  }

  /** Whether there is room for a node, or it is closer than the furthest */
  admits (node: number): boolean {
    const furthest = this.#sorted.at(-1)

    return furthest === undefined || this.#sorted.length < this.#capacity ||
      this.#proximity.compare(node, furthest.node) < 0
  }

  /** Add a node, unless it is here or not admitted */
  add (node: number, state: State): void {
    if (this.#byNode.has(node) || !this.admits(node)) {
      return
    }

    const candidate = { node, state }
    this.#sorted.splice(this.#indexOf(node), 0, candidate)
    this.#byNode.set(node, candidate)

    if (this.#sorted.length > this.#capacity) {
      const dropped = this.#sorted.pop()

      if (dropped !== undefined) {
        this.#byNode.delete(dropped.node)
      }
    }
  }

  /** Say where the walk stands with a node that is here */
  set (node: number, state: State): void {
    const candidate = this.#byNode.get(node)

    if (candidate !== undefined) {
      candidate.state = state
    }
  }

  /** The closest in certain states, at most n, ascending distance */
  closest (n: number, ...states: State[]): number[] {
    const found: number[] = []

    for (const { node, state } of this.#sorted) {
      if (found.length === n) {
        break
      }

      if (states.includes(state)) {
        found.push(node)
      }
    }

    return found
  }

  /** Where a node would have to stand */
  #indexOf (node: number): number {
    let from = 0
    let to = this.#sorted.length

    while (from < to) {
      const middle = (from + to) >>> 1

      if (this.#proximity.compare(this.#sorted[middle].node, node) < 0) {
        from = middle + 1
      } else {
        to = middle
      }
    }

    return from
  }
}
