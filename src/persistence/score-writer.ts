import { checkParameters } from '../parameters/check-parameters.ts'
import type { ScoreStore, StoredPeer } from './score-store.ts'

const LIMITS = {
  maxBatch: { default: 1_000, min: 1, max: 100_000, integer: true },
  // twice the default number of scored peers: reached only when the store fails for long
  maxPending: { default: 100_000, min: 1, max: 10_000_000, integer: true }
}

export interface ScoreWriterInit<P> {
  store: ScoreStore

  /** What to keep of a peer now; undefined when it is to be forgotten */
  snapshot (peer: P): StoredPeer | undefined

  /** The multihash bytes of the peer's id */
  multihashOf (peer: P): Uint8Array

  /**
   * Peers written or deleted in one batch, 1 to 100,000
   *
   * @default 1000
   */
  maxBatch?: number

  /**
   * Peers that may wait to be written, 1 to 10,000,000. Beyond it, the one that
   * waited longest is no longer written until it changes again.
   *
   * @default 100000
   */
  maxPending?: number
}

/**
 * Writes changed scores behind the back of those who change them: collects which
 * peers changed, and writes what is then known of them when told to. Keeps no
 * timer; its owner calls `flush` on an interval and before it closes the store.
 */
export class ScoreWriter<P> {
  readonly #store: ScoreStore
  readonly #snapshot: (peer: P) => StoredPeer | undefined
  readonly #multihashOf: (peer: P) => Uint8Array
  readonly #maxBatch: number
  readonly #maxPending: number
  readonly #pending = new Set<P>()
  #running: Promise<number> | undefined
  #next: Promise<number> | undefined

  /**
   * @throws {InvalidParametersError} A limit is out of its range
   */
  constructor ({ store, snapshot, multihashOf, ...limits }: ScoreWriterInit<P>) {
    const { maxBatch, maxPending } = checkParameters('score writer', LIMITS, limits)

    this.#store = store
    this.#snapshot = snapshot
    this.#multihashOf = multihashOf
    this.#maxBatch = maxBatch
    this.#maxPending = maxPending
  }

  /** Peers that wait to be written */
  get pending (): number {
    return this.#pending.size
  }

  /**
   * The peer's record changed, or it was forgotten: at the next flush it is written,
   * or deleted when there is no snapshot of it by then
   */
  changed (peer: P): void {
    this.#pending.add(peer)

    if (this.#pending.size > this.#maxPending) {
      const [oldest] = this.#pending
      this.#pending.delete(oldest)
    }
  }

  /** Whether the peer waits to be written or deleted */
  has (peer: P): boolean {
    return this.#pending.has(peer)
  }

  /**
   * Write all that had changed when this was called. Calls made during a flush share
   * the one that follows it. Whatever could not be written stays pending.
   *
   * @returns How many peers were written or deleted
   * @throws The store's error
   */
  async flush (): Promise<number> {
    if (this.#running == null) {
      this.#running = this.#writePending().finally(() => {
        this.#running = undefined
      })

      return this.#running
    }

    // A failed flush must not fail the one that follows it
    this.#next ??= this.#running.catch(() => 0).then(async () => {
      this.#next = undefined

      return this.flush()
    })

    return this.#next
  }

  async #writePending (): Promise<number> {
    const peers = [...this.#pending]

    for (let start = 0; start < peers.length; start += this.#maxBatch) {
      await this.#writeBatch(peers.slice(start, start + this.#maxBatch))
    }

    return peers.length
  }

  async #writeBatch (peers: P[]): Promise<void> {
    const put: StoredPeer[] = []
    const forgotten: Uint8Array[] = []

    for (const peer of peers) {
      // Before the write, so that a change during it is not taken for written
      this.#pending.delete(peer)
      const snapshot = this.#snapshot(peer)

      if (snapshot == null) {
        forgotten.push(this.#multihashOf(peer))
      } else {
        put.push(snapshot)
      }
    }

    try {
      await this.#store.write({ put, delete: forgotten })
    } catch (err) {
      peers.forEach(peer => { this.changed(peer) })
      throw err
    }
  }
}
