import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { loadScores } from '../persistence/load-scores.ts'
import { ScoreWriter } from '../persistence/score-writer.ts'
import type { Clock } from './clock.ts'
import type { PeerBook, StoredBookAddress } from './peer-book.ts'
import type { ScoreStore, StoredAddress, StoredPeer, StoredPlace, UnreadableEntry } from '../persistence/score-store.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { PeerScores } from '../score/peer-scores.ts'
import type { Logger, PeerId } from '@libp2p/interface'

export interface ScoreKeeperInit {
  store: ScoreStore
  scores: PeerScores<string>
  table: ScoredRoutingTable<string>
  book: PeerBook
  peerIdOf: (peer: string) => PeerId
  maxPeers: number
  log: Logger
  clock: Clock
  onUnreadable: (entry: UnreadableEntry) => void
  onFlushed: (timeMs: number) => void
}

/**
 * Keeps scores and addresses in a store: reads them at start, writes what changed
 */
export class ScoreKeeper {
  private readonly init: ScoreKeeperInit
  private readonly writer: ScoreWriter<string>
  private open = false

  constructor (init: ScoreKeeperInit) {
    this.init = init
    this.writer = new ScoreWriter<string>({
      store: init.store,
      snapshot: peer => this.snapshot(peer),
      multihashOf: peer => init.peerIdOf(peer).toMultihash().bytes
    })
  }

  /**
   * Open the store and take in what it knows; peers already known are left alone
   *
   * @throws {ScoreStoreError} The store can't be opened
   */
  async start (): Promise<void> {
    const { store, maxPeers, log } = this.init

    await store.open()
    this.open = true

    try {
      // what was forgotten while the store was closed must not come back
      await this.writer.flush()
      const peers = await loadScores(store, { maxPeers, onUnreadable: entry => { this.unreadable(entry) } })

      for (const peer of peers) {
        await this.restore(peer)
      }

      log('restored %d peers', peers.length)
    } catch (err) {
      this.open = false
      await store.close()
      throw err
    }
  }

  /**
   * Write what changed and close the store
   */
  async stop (): Promise<void> {
    if (!this.open) {
      return
    }

    try {
      await this.flush()
    } finally {
      this.open = false
      await this.init.store.close()
    }
  }

  /**
   * A peer's record changed or was forgotten
   */
  changed (peer: string): void {
    this.writer.changed(peer)
  }

  /**
   * Write what changed since the last time
   */
  async flush (): Promise<void> {
    const { table, clock: { now }, onFlushed } = this.init

    if (!this.open) {
      return
    }

    // who stands in for whom changes without the record of either, and with time
    table.settle(now())
    const startedAt = now()
    await this.writer.flush()
    onFlushed(now() - startedAt)
  }

  private unreadable (entry: UnreadableEntry): void {
    this.init.log.error('score of %s is lost: %s', entry.key, entry.reason)
    this.init.onUnreadable(entry)
  }

  private async restore (stored: StoredPeer): Promise<void> {
    const { scores, book, table, log } = this.init

    try {
      const id = peerIdFromMultihash(Digest.decode(stored.peer))
      const peer = id.toString()

      if (scores.has(peer)) {
        return
      }

      const addresses = stored.addresses.map(toBookAddress).filter(address => address != null)

      scores.restore(peer, { ...stored.score, updatedAt: this.sinceStart(stored.score.updatedAt) })
      const { kadId } = await book.restore(id, addresses)
      table.remember({ peer, kadId })

      // its place is that of the last run
      if (stored.place != null) {
        this.writer.changed(peer)
      }
    } catch (err) {
      log.error('could not restore a peer - %e', err)
    }
  }

  private snapshot (peer: string): StoredPeer | undefined {
    const { scores, book, peerIdOf } = this.init
    const score = scores.get(peer)

    if (score == null) {
      return undefined
    }

    const place = this.placeOf(peer)

    return {
      peer: peerIdOf(peer).toMultihash().bytes,
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
    const { scores, table, peerIdOf, clock: { now } } = this.init
    const whereabouts = table.why(peer, now())
    const bytesOf = (other: string | undefined): Uint8Array | undefined => other == null ? undefined : peerIdOf(other).toMultihash().bytes

    switch (whereabouts.place) {
      case 'bucket':
        return { type: 'bucket', shadowedBy: bytesOf(whereabouts.shadowedBy) }
      case 'remembered':
        return scores.classOf(peer, now()) === 'unacceptable'
          ? { type: 'remembered', shadowedBy: bytesOf(whereabouts.shadowedBy) }
          : { type: 'replacement', standsInFor: bytesOf(whereabouts.standsInFor) }
      case 'replacement':
        return { type: 'replacement', standsInFor: bytesOf(whereabouts.standsInFor) }
      default:
        return undefined
    }
  }
}

function toBookAddress ({ multiaddr: bytes, reliability }: StoredAddress): StoredBookAddress | undefined {
  try {
    return { multiaddr: multiaddr(bytes), reliability }
  } catch {
    // written by a release that knew more protocols
    return undefined
  }
}
