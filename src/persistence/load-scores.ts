import { toString as uint8ArrayToString } from 'uint8arrays/to-string'
import { checkStoredPeer } from './check-stored-peer.ts'
import type { ScoreStore, StoredNamedPeer, StoredPeer, StoredScoredPeer, UnreadableEntry } from './score-store.ts'
import type { AbortOptions } from '@libp2p/interface'

/** How many peers are sorted, or deleted, at a time */
const BATCH = 1_000

export interface LoadScoresInit extends AbortOptions {
  /** How many peers with a score to keep; the stalest ones beyond that are deleted from the store */
  maxPeers: number
  /**
   * Awaited for each peer that was only named, as it is read: they need no order, and to hold
   * all of them first costs more time than all else
   *
   * @default nothing happens
   */
  onNamed? (peer: StoredNamedPeer): Promise<void> | undefined
  /** Told of each entry that was skipped */
  onUnreadable (entry: UnreadableEntry): void
  /**
   * Told of the error that ended the reading, or the tidying after it, too early. The peers
   * that were read by then are returned.
   *
   * @default the error is thrown, and nothing is returned
   */
  onFailure? (thrown: unknown): void
  /**
   * Awaited after each peer: a store may give all of them without a pause
   *
   * @default nothing happens
   */
  letOthersRun? (): Promise<void> | undefined
}

/**
 * Reads a store and tidies it: peers with a score beyond `maxPeers` and damaged entries are
 * deleted. A peer that is none counts as damaged. An entry of an unknown version is left for the release that wrote it.
 *
 * @returns The peers with a score, stalest first: the order in which a bounded map of scores wants them
 */
export async function loadScores (store: ScoreStore, { maxPeers, onNamed = () => undefined, onUnreadable, onFailure, letOthersRun = () => undefined, ...options }: LoadScoresInit): Promise<StoredScoredPeer[]> {
  let peers: StoredScoredPeer[] = []
  const damaged: Uint8Array[] = []

  const keepFreshest = async (): Promise<void> => {
    const sorted = await stalestFirst(peers, letOthersRun)
    const excess = Math.max(0, sorted.length - maxPeers)
    peers = sorted.slice(excess)

    await forget(sorted.slice(0, excess).map(({ peer }) => peer))
  }

  const forget = async (forgotten: Uint8Array[]): Promise<void> => {
    for (let start = 0; start < forgotten.length; start += BATCH) {
      await store.write({ put: [], delete: forgotten.slice(start, start + BATCH) }, options)
      await letOthersRun()
    }
  }

  const skip = (entry: UnreadableEntry): void => {
    if (entry.reason === 'damaged' && entry.peer !== undefined) {
      damaged.push(entry.peer)
    }

    onUnreadable(entry)
  }

  try {
    for await (const peer of store.load(skip, options)) {
      const turn = letOthersRun()

      if (turn !== undefined) {
        await turn
      }

      if (!isSound(peer)) {
        skip(damagedEntry(peer))
        continue
      }

      // some formats have null for what is undefined
      if (peer.naming != null) {
        await onNamed(peer)
        continue
      }

      peers.push(peer)

      // memory holds twice the limit at most, however many the store holds
      if (peers.length > 2 * maxPeers) {
        await keepFreshest()
      }
    }

    await keepFreshest()
    await forget(damaged)
  } catch (err) {
    if (onFailure === undefined || options.signal?.aborted === true) {
      throw err
    }

    onFailure(err)
    peers = (await stalestFirst(peers, letOthersRun)).slice(-maxPeers)
  }

  return peers
}

/** Sorts in steps. To sort 50,000 peers at once takes 20 ms; to merge two sorted halves of them takes 2. */
async function stalestFirst (peers: StoredScoredPeer[], letOthersRun: () => Promise<void> | undefined): Promise<StoredScoredPeer[]> {
  const halves: StoredScoredPeer[][] = []

  if (peers.length > BATCH) {
    const middle = peers.length >> 1

    for (const half of [peers.slice(0, middle), peers.slice(middle)]) {
      halves.push(await stalestFirst(half, letOthersRun))
      await letOthersRun()
    }
  }

  // a sort finds by itself what is in order already
  return (halves.length > 0 ? halves.flat() : peers).sort((a, b) => a.score.updatedAt - b.score.updatedAt)
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
