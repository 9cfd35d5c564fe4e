import { toString } from 'uint8arrays/to-string'
import type { KBucketEntry, KBuckets } from '../../src/routing-table/k-buckets.ts'

type Listener = Parameters<KBuckets<number>['subscribe']>[0]

/**
 * Unbounded buckets for tests. A peer is a byte and its own kad id.
 */
export class MemoryBuckets implements KBuckets<number> {
  readonly #entries = new Map<string, KBucketEntry<number>>()
  readonly #listeners = new Set<Listener>()

  constructor (peers: number[] = []) {
    peers.forEach(peer => { this.#set(peer) })
  }

  entries (): Iterable<KBucketEntry<number>> {
    return this.#entries.values()
  }

  subscribe (listener: Listener): void {
    this.#listeners.add(listener)
  }

  add (peer: number): void {
    this.#set(peer)
    this.#listeners.forEach(listener => { listener.added(entryOf(peer)) })
  }

  remove (peer: number): void {
    this.#entries.delete(toString(entryOf(peer).kadId))
    this.#listeners.forEach(listener => { listener.removed(entryOf(peer)) })
  }

  /** As a restart does it: without notices */
  replaceAll (peers: number[]): void {
    this.#entries.clear()
    peers.forEach(peer => { this.#set(peer) })
  }

  #set (peer: number): void {
    const entry = entryOf(peer)
    this.#entries.set(toString(entry.kadId), entry)
  }
}

export function entryOf (peer: number): KBucketEntry<number> {
  return { peer, kadId: Uint8Array.of(peer) }
}
