import { explainStoreFailure } from '../../persistence/explain-store-failure.ts'
import { loadScores } from '../../persistence/load-scores.ts'
import { ScoreStoreError } from '../../persistence/score-store-error.ts'
import { ScoreWriter } from '../../persistence/score-writer.ts'
import { HandleCache, handleOf, multihashOf } from '../peers/handle-of.ts'
import { letOthersRun } from '../let-others-run.ts'
import { StoreSession } from './store-session.ts'
import type { Clock } from '../clock.ts'
import type { PeerBook } from '../peers/peer-book.ts'
import type { ScoreStoreProblem } from '../../persistence/score-store-error.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from '../../persistence/score-store.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { Logger } from '@libp2p/interface'

/** Bounds of how many peers may wait to be written */
const MIN_PENDING = 100_000
const MAX_PENDING = 10_000_000

/** How many damaged entries get a line of the log each; the others are counted in one line */
const MAX_ENTRY_LINES = 3

export interface ScoreKeeperInit {
  store: ScoreStore
  /** Whether a store that can't be used keeps the node from starting */
  strict: boolean
  table: ScoredRoutingTable<string>
  book: PeerBook
  maxPeers: number
  maxNamedPeers: number
  log: Logger
  clock: Clock
  onUnreadable: (entry: UnreadableEntry) => void
  onFlushed: (timeMs: number) => void
  onFailure: (problem: ScoreStoreProblem) => void
}

/**
 * Keeps scores and addresses in a store, and which peers were named that have no score. They
 * are read at start, and what has changed is written. They are a cache: unless `strict` is set, a store that can't be used costs the
 * scores and nothing else.
 */
export class ScoreKeeper {
  readonly #init: ScoreKeeperInit
  readonly #writer: ScoreWriter<string>
  readonly #session: StoreSession
  readonly #letOthersRun: () => Promise<void> | undefined
  /** Peers whose records a later release wrote. Nothing is written of them, so that it finds its records again. */
  readonly #leftAlone = new Set<string>()
  /** How often all peers were forgotten: a peer that was read before must not come back after it */
  #clearings = 0

  constructor (init: ScoreKeeperInit) {
    this.#init = init
    this.#letOthersRun = letOthersRun(init.clock.now)
    this.#writer = new ScoreWriter<string>({
      store: init.store,
      snapshot: peer => this.#snapshot(peer),
      multihashOf,
      // every peer may have to be written anew
      maxPending: Math.min(Math.max(MIN_PENDING, 2 * (init.maxPeers + init.maxNamedPeers)), MAX_PENDING),
      letOthersRun: this.#letOthersRun
    })
    this.#session = new StoreSession({
      store: init.store,
      strict: init.strict,
      log: init.log,
      load: async (signal, onTakenIn) => this.#load(signal, onTakenIn),
      write: async () => { await this.#write() },
      rewrite: async () => {
        for (const [peer] of init.table.scores.entries()) {
          this.changed(peer)
          await this.#letOthersRun()
        }

        for (const peer of init.table.namedPeers()) {
          this.changed(peer)
          await this.#letOthersRun()
        }
      },
      onFailure: init.onFailure
    })
  }

  /** What the store is called in messages */
  get storeName (): string {
    return this.#init.store.name ?? 'score store'
  }

  /**
   * Open the store and read the peers in it. A peer that is known already stays as it is.
   *
   * @param signal - Aborted when the node stops
   * @throws {ScoreStoreError} The store can't be used, and `strict` is set
   */
  async start (signal: AbortSignal): Promise<void> {
    await this.#session.start(signal)
  }

  /**
   * Write what has changed and close the store. This does not throw, and takes a few seconds at most.
   */
  async stop (): Promise<void> {
    await this.#session.stop()
  }

  /**
   * A peer's record has changed, or was evicted
   */
  changed (peer: string): void {
    if (!this.#leftAlone.has(peer)) {
      this.#writer.changed(peer)
    }
  }

  /**
   * Write what has changed since the last time, if the store can be used. This does not throw.
   */
  async flush (): Promise<void> {
    await this.#session.tick()
  }

  /**
   * Forget a peer on disk too, as the user wishes. The scores have forgotten it already.
   *
   * @throws {ScoreStoreError} The disk still has it; it is deleted there when the store can be used again
   */
  async forget (peer: string): Promise<void> {
    this.#leftAlone.delete(peer)
    this.#writer.changed(peer)
    await this.#session.flush().catch(err => { throw notOnDisk(err) })
  }

  /**
   * Forget all peers on disk too, even where a later release wrote the record
   *
   * @throws {ScoreStoreError} As `forget`
   */
  async forgetAll (): Promise<void> {
    this.#leftAlone.clear()
    this.#clearings++
    await this.#session.clear().catch(err => { throw notOnDisk(err) })
  }

  async #write (): Promise<void> {
    const { clock: { now }, onFlushed } = this.#init
    const startedAt = now()
    await this.#writer.flush()
    onFlushed(now() - startedAt)
  }

  async #load (signal: AbortSignal, onTakenIn: () => void): Promise<ScoreStoreError | undefined> {
    const { store, maxPeers, table, log, clock } = this.#init
    // a peer that was forgotten while the store was closed must not come back
    const mustFlush = this.#writer.pending > 0
    const clearings = this.#clearings
    const counts = { damaged: 0, 'unknown-version': 0 }
    const referrers = new HandleCache()
    let failure: ScoreStoreError | undefined

    const takeIn = async (peer: StoredPeer): Promise<void> => {
      if (clearings === this.#clearings) {
        await this.#restore(peer, referrers)
        // the peer gets its place now, as to place all of them at once would take long
        table.goodPeers(clock.now())
        onTakenIn()
        const turn = this.#letOthersRun()

        if (turn !== undefined) {
          await turn
        }

        signal.throwIfAborted()
      }
    }

    const peers = await loadScores(store, {
      maxPeers,
      onNamed: peer => takeIn(peer),
      signal,
      letOthersRun: this.#letOthersRun,
      onUnreadable: entry => {
        counts[entry.reason]++
        this.#unreadable(entry, counts[entry.reason])

        // the engine can't read on after this entry, and another try would end here too
        if (entry.reason === 'damaged' && entry.peer === undefined && store.setAside !== undefined) {
          failure = explainStoreFailure(this.storeName, 'read', Object.assign(new Error(entry.key), { code: 'LEVEL_CORRUPTION' }))
        }
      },
      onFailure: thrown => { failure = explainStoreFailure(this.storeName, 'read', thrown) }
    })

    for (const peer of peers) {
      await takeIn(peer)
    }

    log('restored %d peers', peers.length)

    if (counts.damaged > MAX_ENTRY_LINES) {
      log.error('%d more scores are lost: damaged', counts.damaged - MAX_ENTRY_LINES)
    }

    if (counts['unknown-version'] > 0) {
      log.error('%d scores were written by a later release, which will find them again: they are left as they are', counts['unknown-version'])
    }

    if (mustFlush) {
      await this.#writer.flush()
    }

    return failure
  }

  #unreadable (entry: UnreadableEntry, count: number): void {
    const { log, maxPeers, onUnreadable } = this.#init

    if (entry.reason === 'damaged' && count <= MAX_ENTRY_LINES) {
      log.error('score of %s is lost: %s', entry.key, entry.reason)
    }

    if (entry.reason === 'unknown-version' && entry.peer !== undefined && this.#leftAlone.size < maxPeers) {
      try {
        this.#leftAlone.add(handleOf(entry.peer))
      } catch {
        // this release can't read the peer id either, so it will write nothing in this place
      }
    }

    onUnreadable(entry)
  }

  async #restore (stored: StoredPeer, referrers: HandleCache): Promise<void> {
    const { book, table, log } = this.#init

    try {
      const peer = handleOf(stored.peer)

      // the node knows more of it by now, or the user has forgotten it meanwhile
      const isOutdated = (): boolean => table.scores.has(peer) || this.#writer.has(peer)

      if (isOutdated()) {
        return
      }

      const kadId = await book.restore(peer, stored.peer, stored.addresses)

      if (isOutdated()) {
        return
      }

      if (stored.naming != null) {
        table.restoreNamed({ peer, kadId }, referrers.handleOf(stored.naming.referrer), this.#sinceStart(stored.naming.namedAt))

        if (table.namedPeer(peer) === undefined) {
          // there is no room for it, so that it is to be deleted
          this.changed(peer)
        }
      } else {
        table.restore({ peer, kadId }, { ...stored.score, updatedAt: this.#sinceStart(stored.score.updatedAt) })
      }
    } catch (err) {
      log.error('could not restore a peer - %e', err)
    }
  }

  #snapshot (peer: string): StoredPeer | undefined {
    const { table, book } = this.#init
    const score = table.scores.get(peer)
    const named = table.namedPeer(peer)

    if (score !== undefined) {
      return {
        peer: multihashOf(peer),
        score: { ...score, updatedAt: this.#timeOfDay(score.updatedAt) },
        addresses: book.storedAddresses(peer)
      }
    }

    return named === undefined
      ? undefined
      : {
          peer: multihashOf(peer),
          naming: { referrer: multihashOf(named.referrer), namedAt: this.#timeOfDay(named.namedAt) },
          addresses: book.storedAddresses(peer)
        }
  }

  /** Times are stored by the time of day: they are read at another time, by another clock */
  #timeOfDay (time: number): number {
    const { now, timeOfDay } = this.#init.clock

    return Math.max(0, timeOfDay() - Math.max(0, now() - time))
  }

  /** A stored time by the clock of this run. A clock that was wrong may have stored a time that is still to come. */
  #sinceStart (storedAt: number): number {
    const { now, timeOfDay } = this.#init.clock

    return Math.max(0, now() - Math.max(0, timeOfDay() - storedAt))
  }
}

function notOnDisk (err: unknown): unknown {
  return err instanceof ScoreStoreError
    ? new ScoreStoreError(`${err.message}. What is to be forgotten is gone from memory, and from the store when that can be used again`, { problem: err.problem, cause: err })
    : err
}
