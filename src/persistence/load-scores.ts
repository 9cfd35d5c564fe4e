import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { checkStoredPeer } from './check-stored-peer.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from './score-store.ts'
import type { AbortOptions } from '@libp2p/interface'

export interface LoadScoresInit extends AbortOptions {
  /** How many peers to keep; the stalest ones beyond that are deleted from the store */
  maxPeers: number
  /** Told of each entry that was skipped */
  onUnreadable (entry: UnreadableEntry): void
  /**
   * Told of the error that ended the reading, or the tidying after it, too early. The peers
   * that were read by then are returned.
   *
   * @default the error is thrown, and nothing is returned
   */
  onFailure? (thrown: unknown): void
}

/**
 * Reads a store and tidies it: peers beyond `maxPeers` and damaged entries are
 * deleted. A peer that is none counts as damaged. An entry of an unknown version is left for the release that wrote it.
 *
 * @returns The peers, stalest first: the order in which a bounded map of scores wants them
 */
export async function loadScores (store: ScoreStore, { maxPeers, onUnreadable, onFailure, ...options }: LoadScoresInit): Promise<StoredPeer[]> {
  let peers: StoredPeer[] = []
  const damaged: Uint8Array[] = []

  const keepFreshest = async (): Promise<void> => {
    peers.sort((a, b) => a.score.updatedAt - b.score.updatedAt)
    const excess = Math.max(0, peers.length - maxPeers)
    const stale = peers.slice(0, excess)
    peers = peers.slice(excess)

    await store.write({ put: [], delete: stale.map(({ peer }) => peer) }, options)
  }

  const skip = (entry: UnreadableEntry): void => {
    if (entry.reason === 'damaged' && entry.peer !== undefined) {
      damaged.push(entry.peer)
    }

    onUnreadable(entry)
  }

  try {
    for await (const peer of store.load(skip, options)) {
      if (!isSound(peer)) {
        skip(damagedEntry(peer))
        continue
      }

      peers.push(peer)

      // memory holds twice the limit at most, however many the store holds
      if (peers.length > 2 * maxPeers) {
        await keepFreshest()
      }
    }

    await keepFreshest()
    await store.write({ put: [], delete: damaged }, options)
  } catch (err) {
    if (onFailure === undefined || options.signal?.aborted === true) {
      throw err
    }

    onFailure(err)
    peers = peers.sort((a, b) => a.score.updatedAt - b.score.updatedAt).slice(-maxPeers)
  }

  return peers
}

function isSound (stored: StoredPeer): boolean {
  try {
    checkStoredPeer(stored)

    return true
  } catch {
    return false
  }
}

function damagedEntry (stored: StoredPeer): UnreadableEntry {
  const peer: unknown = stored?.peer

  return peer instanceof Uint8Array
    ? { key: uint8ArrayToString(peer, 'base16'), peer, reason: 'damaged' }
    : { key: 'an entry without a peer', peer: undefined, reason: 'damaged' }
}
