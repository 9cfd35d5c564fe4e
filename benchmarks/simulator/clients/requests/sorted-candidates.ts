import type { Proximity } from '../proximity.ts'

interface Candidate<State> {
  readonly node: number
  state: State
}

/**
 * The nodes that a walk has heard of, by ascending XOR distance from its target. Each has
 * a state that the walk gives it.
 */
export class SortedCandidates<State> {
  readonly #proximity: Proximity
  readonly #capacity: number
  readonly #sorted: Array<Candidate<State>> = []
  readonly #byNode = new Map<number, Candidate<State>>()

  /**
   * @param proximity - Measures distances to the target
   * @param capacity - Limit of nodes. Beyond it, the furthest is dropped. Infinity for no limit.
   */
  constructor (proximity: Proximity, capacity: number) {
    this.#proximity = proximity
    this.#capacity = capacity
  }

  /** Whether there is room for a node, or the node is closer than the furthest one */
  admits (node: number): boolean {
    const furthest = this.#sorted.at(-1)

    return furthest === undefined || this.#sorted.length < this.#capacity ||
      this.#proximity.compare(node, furthest.node) < 0
  }

  /** Add a node, unless it is already in the list or is not admitted */
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

  /** Change the state of a node that is in the list */
  set (node: number, state: State): void {
    const candidate = this.#byNode.get(node)

    if (candidate !== undefined) {
      candidate.state = state
    }
  }

  /** The closest nodes that have one of the given states, at most n, by ascending distance */
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

  /** The index at which a node is, or would be inserted */
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
