/**
 * How we came to know a peer: it answered us, or somebody else named it
 */
export type Introduction = 'answered' | 'named'

/**
 * Kademlia's replacement cache: a bounded set of peers that answered us or were
 * named to us and found no place. When it is full, those that were only named
 * leave before those that answered, because anybody can name any number of
 * peers; among equals the one least recently heard of leaves first.
 */
export class ReplacementCache<P> {
  readonly #maxReplacements: number
  /** Least recently heard of first, as in `#named` */
  readonly #answered = new Set<P>()
  readonly #named = new Set<P>()

  /**
   * @param maxReplacements - Peers it holds at most
   */
  constructor (maxReplacements: number) {
    this.#maxReplacements = maxReplacements
  }

  /** How many peers it holds */
  get size (): number {
    return this.#answered.size + this.#named.size
  }

  /** How we know a peer; undefined when it isn't here */
  get (peer: P): Introduction | undefined {
    if (this.#answered.has(peer)) {
      return 'answered'
    }

    return this.#named.has(peer) ? 'named' : undefined
  }

  /**
   * Add a peer, or note that we heard of it again. One that has answered stays so
   * when it is merely named later.
   *
   * @returns The peer that had to leave, which may be the one that was added
   */
  add (peer: P, how: Introduction): P | undefined {
    const peers = how === 'answered' || this.#answered.has(peer) ? this.#answered : this.#named
    this.delete(peer)
    peers.add(peer)

    if (this.size <= this.#maxReplacements) {
      return undefined
    }

    const [leaving] = this.#named.size > 0 ? this.#named : this.#answered
    this.delete(leaving)

    return leaving
  }

  /** Remove a peer, if it is here */
  delete (peer: P): void {
    this.#answered.delete(peer)
    this.#named.delete(peer)
  }
}
