import type { DHTSpeakers } from './dht-speakers.ts'
import type { PeerBook } from './peer-book.ts'
import type { ScoreKeeper } from '../store/score-keeper.ts'
import type { PeerScores } from '../../routing-table/peer-scores.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { Outcome } from '../../score/outcome.ts'

export interface PeerMemoryInit {
  scores: PeerScores<string>
  table: ScoredRoutingTable<string>
  book: PeerBook
  speakers: Pick<DHTSpeakers, 'excludes'>
  keeper: Pick<ScoreKeeper, 'changed' | 'forget' | 'forgetAll'>
  now: () => number
}

/**
 * Remembers peers and forgets them in all parts that know them: the scores, the table, the
 * book and the store
 */
export class PeerMemory {
  readonly #init: PeerMemoryInit

  constructor (init: PeerMemoryInit) {
    this.#init = init
  }

  /**
   * The good peers at the top of the priority stack, best first, without those that are
   * known not to speak the protocol
   */
  best (count: number): string[] {
    const { scores, speakers, now } = this.#init
    const time = now()

    return scores.top(count, time).map(({ peer }) => peer).filter(peer => scores.classOf(peer, time) === 'good' && !speakers.excludes(peer))
  }

  /**
   * Remember a peer that was asked: everybody with a score takes part in lookups while
   * that score is good
   */
  async remember (peer: string, outcome: Outcome): Promise<void> {
    const { scores, table, book, speakers, now } = this.#init
    const { kadId } = await book.tried(peer, outcome.type === 'dialFailed' && outcome.class === 'refused')

    if (speakers.excludes(peer)) {
      return
    }

    if (scores.has(peer)) {
      table.remember({ peer, kadId })
    }

    if (outcome.type === 'responded' || outcome.type === 'stored') {
      table.heardOf({ peer, kadId }, 'answered', now())
    }
  }

  /**
   * Forget a peer everywhere, on disk too
   *
   * @throws {ScoreStoreError} The disk still has it
   */
  async forget (peer: string): Promise<void> {
    this.#forgetNow(peer)
    await this.#init.keeper.forget(peer)
  }

  /**
   * Forget all peers everywhere, on disk too
   *
   * @throws {ScoreStoreError} The disk still has them
   */
  async forgetAll (): Promise<void> {
    for (const [peer] of [...this.#init.scores.entries()]) {
      this.#forgetNow(peer)
    }

    await this.#init.keeper.forgetAll()
  }

  #forgetNow (peer: string): void {
    const { scores, table, book, keeper } = this.#init

    keeper.changed(peer)
    scores.delete(peer)
    table.forget(peer)
    book.delete(peer)
  }
}
