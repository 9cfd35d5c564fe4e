import type { PeerBook } from './peer-book.ts'
import type { ScoreKeeper } from '../store/score-keeper.ts'
import type { Whereabouts } from '../../routing-table/peer-places.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { PeerClass, PeerScore } from '../../score/peer-score.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What the node thinks of one peer
 */
export interface ScoredPeer {
  id: PeerId
  /** 0 to 1; 0.5 is neutral */
  score: number
  class: PeerClass
  /** The running means behind the score; undefined for a peer that was never asked */
  record: Readonly<PeerScore> | undefined
  /** Addresses and how reliable each has been, best first */
  addresses: ReadonlyArray<{ multiaddr: Multiaddr, reliability: number }>
}

/**
 * Why a peer has its score and its place
 */
export interface ScoreExplanation extends ScoredPeer {
  /** In plain words, most important first */
  reasons: string[]
}

export interface ScoreBookInit {
  table: ScoredRoutingTable<string>
  book: PeerBook
  keeper: Pick<ScoreKeeper, 'forget' | 'forgetAll'>
  now: () => number
}

/**
 * The scores of a node, for its user: `dht.scores`
 */
export class ScoreBook {
  readonly #init: ScoreBookInit

  constructor (init: ScoreBookInit) {
    this.#init = init
  }

  /**
   * How many peers have a score
   */
  get size (): number {
    return this.#init.table.scores.size
  }

  /**
   * The score of one peer. A peer that was never asked is neutral.
   */
  get (id: PeerId): ScoredPeer {
    const { table: { scores }, book, now } = this.#init
    const peer = id.toString()
    const time = now()

    return {
      id,
      score: scores.score(peer, time),
      class: scores.classOf(peer, time),
      record: scores.get(peer),
      addresses: book.get(peer)?.addresses ?? []
    }
  }

  /**
   * The top of the priority stack
   *
   * @param count - How many peers
   * @default 20
   */
  top (count: number = 20): ScoredPeer[] {
    return this.#init.table.scores.top(count, this.#init.now()).map(({ peer }) => this.get(this.#init.book.idOf(peer)))
  }

  /**
   * How many peers are good, neutral and unacceptable
   */
  counts (): Record<PeerClass, number> {
    return this.#init.table.scores.counts(this.#init.now())
  }

  /**
   * Why a peer has its score and where it takes its place the routing table
   */
  why (id: PeerId): ScoreExplanation {
    const { table, now } = this.#init
    const { reasons, whereabouts, chance } = table.why(id.toString(), now())

    const chances = whereabouts.place === 'none' && !table.scores.has(id.toString()) ? [] : [`answers now with a chance of ${Math.round(100 * chance)}%`]

    return { ...this.get(id), reasons: [...reasons, ...chances, describePlace(whereabouts)] }
  }

  /**
   * The unacceptable peers, which are passed over, each with its replacement. `replacement` is
   * undefined where no other peer is known.
   */
  replacements (): Array<{ poor: PeerId, replacement: PeerId | undefined }> {
    const { table, book, now } = this.#init

    return table.replacements(now()).map(({ poor, replacement }) => ({
      poor: book.idOf(poor),
      replacement: replacement === undefined ? undefined : book.idOf(replacement)
    }))
  }

  /**
   * Forget what was learned of a peer, on disk too; on a stopped node at the next start
   *
   * @throws {ScoreStoreError} The disk still has it; it is deleted there when the store can be used again
   */
  async delete (id: PeerId): Promise<void> {
    const peer = id.toString()

    this.#forgetNow(peer)
    await this.#init.keeper.forget(peer)
  }

  /**
   * Forget what was learned of all peers, on disk too; on a stopped node at the next start
   *
   * @throws {ScoreStoreError} The disk still has it; it is deleted there when the store can be used again
   */
  async clear (): Promise<void> {
    const { table } = this.#init

    for (const peer of [...table.scores.entries()].map(([peer]) => peer).concat(...table.namedPeers())) {
      this.#forgetNow(peer)
    }

    await this.#init.keeper.forgetAll()
  }

  #forgetNow (peer: string): void {
    this.#init.table.forget(peer)
    this.#init.book.delete(peer)
  }
}

function describePlace (whereabouts: Whereabouts<string>): string {
  switch (whereabouts.place) {
    case 'bucket':
    case 'remembered': {
      const place = whereabouts.place === 'bucket' ? 'in the routing table' : 'remembered, but not in the routing table'

      if (whereabouts.replacedBy !== undefined) {
        return `${place}, passed over: ${whereabouts.replacedBy} takes its place`
      }

      return whereabouts.replaces === undefined ? place : `${place}, in the place of ${whereabouts.replaces}`
    }
    case 'replacement':
      return whereabouts.replaces === undefined ? 'in the replacement cache' : `in the replacement cache, in the place of ${whereabouts.replaces}`
    case 'named':
      return `named by ${whereabouts.referrer}, and not asked yet`
    case 'none':
      return 'not in the routing table'
    default:
      return whereabouts satisfies never
  }
}
