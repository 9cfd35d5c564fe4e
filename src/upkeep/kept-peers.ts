import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * A change of the peers whose connections are kept when the connection manager has to
 * close some. A tag marks such a peer. The tag expires after a time.
 */
export interface KeptPeersChange<P> {
  /** Peers to tag, or to tag anew before the tag expires */
  tag: P[]
  untag: P[]
}

/**
 * Chooses the peers whose connections are kept: the best of the connected ones.
 */
export class KeptPeers<P extends string | number> {
  readonly #parameters: Pick<UpkeepParameters, 'keepAlivePeers' | 'maxKeptShare' | 'keepAliveTagMs'>
  /** When each peer was tagged last, ms */
  #taggedAt = new Map<P, number>()

  constructor (parameters: Pick<UpkeepParameters, 'keepAlivePeers' | 'maxKeptShare' | 'keepAliveTagMs'>) {
    this.#parameters = parameters
  }

  /**
   * Choose anew
   *
   * @param connected - The connected ones of the peers with the best scores, best first
   * @param maxConnections - The connection manager's limit
   */
  choose (connected: Iterable<P>, maxConnections: number, now: number): KeptPeersChange<P> {
    const { keepAlivePeers, maxKeptShare, keepAliveTagMs } = this.#parameters
    const limit = Math.min(keepAlivePeers, Math.floor(maxConnections * maxKeptShare))
    const before = this.#taggedAt
    const tag: P[] = []
    this.#taggedAt = new Map()

    for (const peer of connected) {
      if (this.#taggedAt.size >= limit) {
        break
      }

      const at = before.get(peer) ?? -Infinity
      const isDue = now - at > keepAliveTagMs / 2

      this.#taggedAt.set(peer, isDue ? now : at)

      if (isDue) {
        tag.push(peer)
      }
    }

    return { tag, untag: [...before.keys()].filter(peer => !this.#taggedAt.has(peer)) }
  }

  /**
   * Keep no connections any more
   *
   * @returns The peers to untag
   */
  stop (): P[] {
    const tagged = [...this.#taggedAt.keys()]
    this.#taggedAt.clear()

    return tagged
  }
}
