import { checkParameters } from '../parameters/check-parameters.ts'
import type { ScoreStore, StoredPeer } from './score-store.ts'

const LIMITS = {
  // a batch takes 1 to 3 ms in which nothing else runs
  maxBatch: { default: 250, min: 1, max: 100_000, integer: true },
  // twice the default number of scored peers: so many wait only when the store fails for long
  maxPending: { default: 100_000, min: 1, max: 10_000_000, integer: true }
}

export interface ScoreWriterInit<P> {
  store: ScoreStore

  /** What the store is to keep of a peer now; undefined when it is to forget the peer */
  snapshot (peer: P): StoredPeer | undefined

  /** The multihash bytes of the peer's id */
  multihashOf (peer: P): Uint8Array

  /**
   * How many peers are written or deleted in one batch, 1 to 100,000
   *
   * @default 250
   */
  maxBatch?: number

  /**
   * How many peers may wait to be written, 1 to 10,000,000. When there are more, the one
   * that has waited longest is not written until it changes again.
   *
   * @default 100000
   */
  maxPending?: number

  /**
   * Awaited between two batches: a store may write them without a pause
   *
   * @default nothing happens
   */
  letOthersRun?: () => Promise<void> | undefined
}

/**
 * Writes changed scores in the background. It collects the peers that changed. `flush`
 * writes what is known of them at that time. There is no timer here: the owner calls `flush`
 * at an interval, and before it closes the store.
 */
export class ScoreWriter<P> {
  readonly #store: ScoreStore
  readonly #snapshot: (peer: P) => StoredPeer | undefined
  readonly #multihashOf: (peer: P) => Uint8Array
  readonly #maxBatch: number
  readonly #maxPending: number
  readonly #letOthersRun: () => Promise<void> | undefined
  readonly #pending = new Set<P>()
  #running: Promise<number> | undefined
  #next: Promise<number> | undefined

  /**
   * @throws {InvalidParametersError} A limit is out of its range
   */
  constructor ({ store, snapshot, multihashOf, letOthersRun = () => undefined, ...limits }: ScoreWriterInit<P>) {
    const { maxBatch, maxPending } = checkParameters('score writer', LIMITS, limits)

    this.#store = store
    this.#snapshot = snapshot
    this.#multihashOf = multihashOf
    this.#maxBatch = maxBatch
    this.#maxPending = maxPending
    this.#letOthersRun = letOthersRun
  }

  /** Peers that wait to be written */
  get pending (): number {
    return this.#pending.size
  }

  /**
   * The peer's record changed, or the peer was forgotten. The next flush writes the record,
   * or deletes it when there is no snapshot of the peer.
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
   * Write all that has changed by now. Calls during a flush share the next one. What could
   * not be written stays pending.
   *
   * @returns How many peers were written or deleted
   * @throws The store's error
   */
  async flush (): Promise<number> {
    if (this.#running === undefined) {
      this.#running = this.#writePending().finally(() => {
        this.#running = undefined
      })

      return this.#running
    }

    // a flush that fails must not fail the next one
    this.#next ??= this.#running.catch(() => 0).then(async () => {
      this.#next = undefined

      return this.flush()
    })

    return this.#next
  }

  async #writePending (): Promise<number> {
    const peers = [...this.#pending]

    for (let start = 0; start < peers.length; start += this.#maxBatch) {
      if (start > 0) {
        await this.#letOthersRun()
      }

      await this.#writeBatch(peers.slice(start, start + this.#maxBatch))
    }

    return peers.length
  }

  async #writeBatch (peers: P[]): Promise<void> {
    const put: StoredPeer[] = []
    const forgotten: Uint8Array[] = []

    for (const peer of peers) {
      // this comes before the write, so that a change during the write is pending again
      this.#pending.delete(peer)
      const snapshot = this.#snapshot(peer)

      if (snapshot === undefined) {
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
