import { Key } from 'interface-datastore'
import { fromString as uint8ArrayFromString } from 'uint8arrays/from-string'
import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { explainStoreFailure } from './explain-store-failure.ts'
import { decodeStoredPeer, encodeStoredPeer } from './score-record-codec.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from './score-store.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

export interface DatastoreScoreStoreInit {
  /** The node's own datastore. Whoever made it opens and closes it. */
  datastore: Datastore

  /** Keeps this store apart from whatever else is in the datastore, as `/peer-scores/ipfs/kad/1.0.0` */
  prefix: string
}

/**
 * Keeps scores in a node's datastore. A batch is as atomic as the datastore makes it.
 */
export class DatastoreScoreStore implements ScoreStore {
  readonly #datastore: Datastore
  /** It ends with a slash */
  readonly #prefix: string

  constructor ({ datastore, prefix }: DatastoreScoreStoreInit) {
    this.#datastore = datastore
    this.#prefix = `${new Key(prefix).toString()}/`
  }

  /** What it is called in messages */
  get name (): string {
    return `score store at ${this.#prefix.slice(0, -1)} in the node's datastore`
  }

  async open (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
  }

  async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncGenerator<StoredPeer> {
    options?.signal?.throwIfAborted()

    for await (const { key, value } of this.#explained('read', options, () => this.#datastore.query({ prefix: this.#prefix }, options))) {
      if (!this.#isMine(key)) {
        continue
      }

      const peer = bytesOf(this.#nameIn(key))
      const decoded = peer === undefined ? { type: 'unreadable' as const, reason: 'damaged' as const } : decodeStoredPeer(peer, value)

      if (decoded.type === 'readable') {
        yield decoded.peer
      } else {
        onUnreadable({ key: key.toString(), peer, reason: decoded.reason })
      }
    }
  }

  async write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()

    try {
      const operations = this.#datastore.batch()

      for (const peer of batch.put) {
        operations.put(this.#keyOf(peer.peer), encodeStoredPeer(peer))
      }

      for (const peer of batch.delete) {
        operations.delete(this.#keyOf(peer))
      }

      await operations.commit(options)
    } catch (err) {
      throw this.#explain('written', err, options)
    }
  }

  async clear (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()

    try {
      const operations = this.#datastore.batch()

      for await (const key of this.#datastore.queryKeys({ prefix: this.#prefix }, options)) {
        if (this.#isMine(key)) {
          operations.delete(key)
        }
      }

      await operations.commit(options)
    } catch (err) {
      throw this.#explain('cleared', err, options)
    }
  }

  async close (): Promise<void> {}

  /** Errors of the datastore are explained, those of the code that reads from it are not */
  async * #explained<T> (doing: string, options: AbortOptions | undefined, read: () => AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    try {
      yield * read()
    } catch (err) {
      throw this.#explain(doing, err, options)
    }
  }

  /** A caller that gave up gets the error as it is */
  #explain (doing: string, err: unknown, options: AbortOptions | undefined): unknown {
    return options?.signal?.aborted === true ? err : explainStoreFailure(this.name, doing, err)
  }

  #keyOf (peer: Uint8Array): Key {
    return new Key(`${this.#prefix}${uint8ArrayToString(peer, 'base32')}`, false)
  }

  #nameIn (key: Key): string {
    return key.toString().slice(this.#prefix.length)
  }

  /** The prefix of another store may lie below this one: `/ipfs/kad/1.0.0` below `/ipfs/kad` */
  #isMine (key: Key): boolean {
    return !this.#nameIn(key).includes('/')
  }
}

function bytesOf (base32: string): Uint8Array | undefined {
  try {
    return uint8ArrayFromString(base32, 'base32')
  } catch {
    return undefined
  }
}
