import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { explainStoreFailure } from '../../persistence/explain-store-failure.ts'
import { loadScores } from '../../persistence/load-scores.ts'
import { ScoreStoreError } from '../../persistence/score-store-error.ts'
import { ScoreWriter } from '../../persistence/score-writer.ts'
import { StoreSession } from './store-session.ts'
import type { Clock } from '../clock.ts'
import type { PeerBook, StoredBookAddress } from '../peers/peer-book.ts'
import type { ScoreStoreProblem } from '../../persistence/score-store-error.ts'
import type { ScoreStore, StoredAddress, StoredPeer, StoredPlace, UnreadableEntry } from '../../persistence/score-store.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { Logger } from '@libp2p/interface'

/** Peers that may wait to be written */
const MIN_PENDING = 100_000
const MAX_PENDING = 10_000_000

/** Entries that get a line of the log each; the others are counted in one */
const MAX_ENTRY_LINES = 3

export interface ScoreKeeperInit {
  store: ScoreStore
  /** Whether a store that can't be used keeps the node from starting */
  strict: boolean
  table: ScoredRoutingTable<string>
  book: PeerBook
  maxPeers: number
  log: Logger
  clock: Clock
  onUnreadable: (entry: UnreadableEntry) => void
  onFlushed: (timeMs: number) => void
  onFailure: (problem: ScoreStoreProblem) => void
}

/**
 * Keeps scores and addresses in a store: reads them at start, writes what changed. They
 * are a cache: unless it is strict, a store that can't be used costs them and nothing else.
 */
export class ScoreKeeper {
  private readonly init: ScoreKeeperInit
  private readonly writer: ScoreWriter<string>
  private readonly session: StoreSession
  /** Peers whose records a later release wrote: they are left to it, and so nothing of these is written */
  private readonly leftAlone = new Set<string>()
  /** How often all was to be forgotten: what was read before must not come back after it */
  private clearings = 0

  constructor (init: ScoreKeeperInit) {
    this.init = init
    this.writer = new ScoreWriter<string>({
      store: init.store,
      snapshot: peer => this.snapshot(peer),
      multihashOf: peer => init.book.idOf(peer).toMultihash().bytes,
      // all of them may have to be written anew
      maxPending: Math.min(Math.max(MIN_PENDING, 2 * init.maxPeers), MAX_PENDING)
    })
    this.session = new StoreSession({
      store: init.store,
      strict: init.strict,
      log: init.log,
      load: async signal => this.load(signal),
      write: async () => { await this.write() },
      rewrite: () => {
        for (const [peer] of init.table.scores.entries()) {
          this.changed(peer)
        }
      },
      onFailure: init.onFailure
    })
  }

  /**
   * Open the store and take in what it knows; peers already known are left alone
   *
   * @param signal - Aborted when the node stops
   * @throws {ScoreStoreError} The store can't be used, and that is taken strictly
   */
  async start (signal: AbortSignal): Promise<void> {
    await this.session.start(signal)
  }

  /**
   * Write what changed and close the store; it does not throw, and takes a few seconds at most
   */
  async stop (): Promise<void> {
    await this.session.stop()
  }

  /**
   * A peer's record changed or was evicted
   */
  changed (peer: string): void {
    if (!this.leftAlone.has(peer)) {
      this.writer.changed(peer)
    }
  }

  /**
   * Write what changed since the last time, if the store can be used; it does not throw
   */
  async flush (): Promise<void> {
    await this.session.tick()
  }

  /**
   * The user wants a peer forgotten, on disk too. The scores have forgotten it by now.
   *
   * @throws {ScoreStoreError} On disk it still is; it is deleted there when the store can be used again
   */
  async forget (peer: string): Promise<void> {
    this.leftAlone.delete(peer)
    this.writer.changed(peer)
    await this.session.flush().catch(err => { throw notOnDisk(err) })
  }

  /**
   * The same of all peers, those of which a later release wrote the records too
   *
   * @throws {ScoreStoreError} As `forget`
   */
  async forgetAll (): Promise<void> {
    this.leftAlone.clear()
    this.clearings++
    await this.session.clear().catch(err => { throw notOnDisk(err) })
  }

  private async write (): Promise<void> {
    const { table, clock: { now }, onFlushed } = this.init

    // who stands in for whom changes without the record of either, and with time
    table.settle(now())
    const startedAt = now()
    await this.writer.flush()
    onFlushed(now() - startedAt)
  }

  private async load (signal: AbortSignal): Promise<ScoreStoreError | undefined> {
    const { store, maxPeers, log } = this.init
    // what was forgotten while the store was closed must not come back
    const mustFlush = this.writer.pending > 0
    const { clearings } = this
    const counts = { damaged: 0, 'unknown-version': 0 }
    let failure: ScoreStoreError | undefined

    const peers = await loadScores(store, {
      maxPeers,
      signal,
      onUnreadable: entry => {
        counts[entry.reason]++
        this.unreadable(entry, counts[entry.reason])

        // the engine lost its place, it would do so again
        if (entry.reason === 'damaged' && entry.peer == null && store.setAside != null) {
          failure = explainStoreFailure(store.name ?? 'score store', 'read', Object.assign(new Error(entry.key), { code: 'LEVEL_CORRUPTION' }))
        }
      },
      onFailure: thrown => { failure = explainStoreFailure(store.name ?? 'score store', 'read', thrown) }
    })

    for (const peer of peers) {
      if (clearings === this.clearings) {
        await this.restore(peer)
      }
    }

    log('restored %d peers', peers.length)

    if (counts.damaged > MAX_ENTRY_LINES) {
      log.error('%d more scores are lost: damaged', counts.damaged - MAX_ENTRY_LINES)
    }

    if (counts['unknown-version'] > 0) {
      log.error('%d scores were written by a later release, which will find them again: they are left as they are', counts['unknown-version'])
    }

    if (mustFlush) {
      await this.writer.flush()
    }

    return failure
  }

  private unreadable (entry: UnreadableEntry, count: number): void {
    const { log, maxPeers, onUnreadable } = this.init

    if (entry.reason === 'damaged' && count <= MAX_ENTRY_LINES) {
      log.error('score of %s is lost: %s', entry.key, entry.reason)
    }

    if (entry.reason === 'unknown-version' && entry.peer != null && this.leftAlone.size < maxPeers) {
      try {
        this.leftAlone.add(peerIdFromMultihash(Digest.decode(entry.peer)).toString())
      } catch {
        // no peer of this release, which will write nothing in its place
      }
    }

    onUnreadable(entry)
  }

  private async restore (stored: StoredPeer): Promise<void> {
    const { book, table, log } = this.init

    try {
      const id = peerIdFromMultihash(Digest.decode(stored.peer))
      const peer = id.toString()

      // known better, or forgotten meanwhile
      if (table.scores.has(peer) || this.writer.has(peer)) {
        return
      }

      const addresses = stored.addresses.map(toBookAddress).filter(address => address != null)

      const { kadId } = await book.restore(id, addresses)
      table.restore({ peer, kadId }, { ...stored.score, updatedAt: this.sinceStart(stored.score.updatedAt) })

      // its place is that of the last run
      if (stored.place != null) {
        this.writer.changed(peer)
      }
    } catch (err) {
      log.error('could not restore a peer - %e', err)
    }
  }

  private snapshot (peer: string): StoredPeer | undefined {
    const { table, book } = this.init
    const score = table.scores.get(peer)

    if (score == null) {
      return undefined
    }

    const place = this.placeOf(peer)

    return {
      peer: book.idOf(peer).toMultihash().bytes,
      score: { ...score, updatedAt: this.timeOfDay(score.updatedAt) },
      addresses: (book.get(peer)?.addresses ?? []).map(({ multiaddr, reliability }) => ({ multiaddr: multiaddr.bytes, reliability })),
      ...(place == null ? {} : { place })
    }
  }

  /** What is stored is read at another time, by another clock */
  private timeOfDay (time: number): number {
    const { now, timeOfDay } = this.init.clock

    return Math.max(0, timeOfDay() - Math.max(0, now() - time))
  }

  /** A time that is still to come was stored by a clock that was wrong */
  private sinceStart (storedAt: number): number {
    const { now, timeOfDay } = this.init.clock

    return Math.max(0, now() - Math.max(0, timeOfDay() - storedAt))
  }

  private placeOf (peer: string): StoredPlace | undefined {
    const { table, book, clock: { now } } = this.init
    const { peerClass, whereabouts } = table.why(peer, now())
    const bytesOf = (other: string | undefined): Uint8Array | undefined => other == null ? undefined : book.idOf(other).toMultihash().bytes

    switch (whereabouts.place) {
      case 'bucket':
        return { type: 'bucket', shadowedBy: bytesOf(whereabouts.shadowedBy) }
      case 'remembered':
        return peerClass === 'unacceptable'
          ? { type: 'remembered', shadowedBy: bytesOf(whereabouts.shadowedBy) }
          : { type: 'replacement', standsInFor: bytesOf(whereabouts.standsInFor) }
      case 'replacement':
        return { type: 'replacement', standsInFor: bytesOf(whereabouts.standsInFor) }
      default:
        return undefined
    }
  }
}

function notOnDisk (err: unknown): unknown {
  return err instanceof ScoreStoreError
    ? new ScoreStoreError(`${err.message}. What is to be forgotten is gone from memory, and from the store when that can be used again`, { problem: err.problem, cause: err })
    : err
}

function toBookAddress ({ multiaddr: bytes, reliability }: StoredAddress): StoredBookAddress | undefined {
  try {
    return { multiaddr: multiaddr(bytes), reliability }
  } catch {
    // written by a release that knew more protocols
    return undefined
  }
}
