import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import type { ScoreStore, StoredPeer, UnreadableEntry } from '../../src/persistence/score-store.ts'
import type { AbortOptions } from '@libp2p/interface'

/** What outlives a store and its node: the peers as text, by their multihash */
export type StoredTexts = Map<string, string>

/**
 * A store as a user may write one: it keeps each peer as JSON
 */
export class MapScoreStore implements ScoreStore {
  readonly name: string = 'score store in a map'
  readonly #texts: StoredTexts
  #isOpen = false

  constructor (texts: StoredTexts) {
    this.#texts = texts
  }

  get isOpen (): boolean {
    return this.#isOpen
  }

  async open (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#isOpen = true
  }

  async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: AbortOptions): AsyncGenerator<StoredPeer> {
    this.#mustBeOpen()

    for (const [key, text] of this.#texts) {
      options?.signal?.throwIfAborted()
      let peer: StoredPeer

      try {
        peer = JSON.parse(text, bytesAgain)
      } catch {
        onUnreadable({ key, peer: new Uint8Array(Buffer.from(key, 'hex')), reason: 'damaged' })
        continue
      }

      yield peer
    }

    options?.signal?.throwIfAborted()
  }

  async write (batch: { put: StoredPeer[], delete: Uint8Array[] }, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#mustBeOpen()

    for (const peer of batch.put) {
      this.#texts.set(keyOf(peer.peer), JSON.stringify(peer, bytesAsText))
    }

    for (const peer of batch.delete) {
      this.#texts.delete(keyOf(peer))
    }
  }

  async clear (options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#mustBeOpen()
    this.#texts.clear()
  }

  async close (): Promise<void> {
    this.#isOpen = false
  }

  #mustBeOpen (): void {
    if (!this.#isOpen) {
      throw new Error('the map is closed')
    }
  }
}

function keyOf (peer: Uint8Array): string {
  return uint8ArrayToString(peer, 'base16')
}

function bytesAsText (_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: uint8ArrayToString(value, 'base16') } : value
}

function bytesAgain (_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'bytes' in value ? new Uint8Array(Buffer.from(String(value.bytes), 'hex')) : value
}
