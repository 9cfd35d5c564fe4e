import type { KeyIndex } from './key-index.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * Collects the closest peers to a target. Peers are added one by one. There is one
 * collection at a time, in arrays that are used again.
 */
export class ClosestNames {
  readonly #index: KeyIndex
  readonly #nodes: number[] = []
  readonly #distances: number[] = []
  #head = 0
  #n = 0
  #count = 0

  constructor (index: KeyIndex) {
    this.#index = index
  }

  /** Number of peers so far, at most n */
  get size (): number {
    return this.#count
  }

  /** Begin a new collection */
  begin (head: number, n: number): void {
    this.#head = head
    this.#n = n
    this.#count = 0
  }

  /** Add a peer if it is among the n closest so far and is not there already */
  add (node: number): void {
    const distances = this.#distances
    const nodes = this.#nodes
    const distance = (this.#index.heads[node] ^ this.#head) >>> 0
    let i = this.#count

    if (i === this.#n && distance >= distances[i - 1]) {
      return
    }

    while (i > 0 && distances[i - 1] >= distance) {
      if (nodes[i - 1] === node) {
        return
      }

      i--
    }

    const last = Math.min(this.#count, this.#n - 1)

    for (let j = last; j > i; j--) {
      nodes[j] = nodes[j - 1]
      distances[j] = distances[j - 1]
    }

    nodes[i] = node
    distances[i] = distance
    this.#count = last + 1
  }

  /** The peers, by ascending XOR distance from the target. `begin` got the head of the same target. */
  end (target: KadId): number[] {
    const answer = this.#nodes.slice(0, this.#count)

    // peers with equal heads are compared by all bits
    for (let i = 1; i < this.#count; i++) {
      if (this.#distances[i] === this.#distances[i - 1]) {
        return answer.sort((a, b) => this.#index.compare(target, a, b))
      }
    }

    return answer
  }
}
