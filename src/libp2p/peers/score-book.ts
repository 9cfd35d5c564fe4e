import type { PeerBook } from './peer-book.ts'
import type { ScoredRoutingTable, Whereabouts } from '../../routing-table/scored-routing-table.ts'
import type { PeerClass, PeerScore } from '../../score/peer-score.ts'
import type { PeerScores } from '../../routing-table/peer-scores.ts'
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
  scores: PeerScores<string>
  table: ScoredRoutingTable<string>
  book: PeerBook
  peerIdOf: (peer: string) => PeerId
  now: () => number
  /** Forget a peer everywhere */
  forget: (peer: string) => Promise<void>
  /** Forget all peers everywhere */
  forgetAll: () => Promise<void>
}

/**
 * The scores of a node, for its user: `dht.scores`
 */
export class ScoreBook {
  private readonly init: ScoreBookInit

  constructor (init: ScoreBookInit) {
    this.init = init
  }

  /**
   * How many peers have a score
   */
  get size (): number {
    return this.init.scores.size
  }

  /**
   * The score of one peer. A peer that was never asked is neutral.
   */
  get (id: PeerId): ScoredPeer {
    const { scores, book, now } = this.init
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
    return this.init.scores.top(count, this.init.now()).map(({ peer }) => this.get(this.init.peerIdOf(peer)))
  }

  /**
   * How many peers are good, neutral and unacceptable
   */
  counts (): Record<PeerClass, number> {
    return this.init.scores.counts(this.init.now())
  }

  /**
   * Why a peer has its score and where it stands in the routing table
   */
  why (id: PeerId): ScoreExplanation {
    const { scores, table, now } = this.init
    const peer = id.toString()

    return {
      ...this.get(id),
      reasons: [...scores.explain(peer, now()).reasons, describePlace(table.why(peer, now()))]
    }
  }

  /**
   * The unacceptable peers, which are passed over, each with its replacement. `replacement` is
   * undefined where no other peer is known.
   */
  replacements (): Array<{ poor: PeerId, replacement: PeerId | undefined }> {
    const { table, peerIdOf, now } = this.init

    return table.replacements(now()).map(({ poor, replacement }) => ({
      poor: peerIdOf(poor),
      replacement: replacement == null ? undefined : peerIdOf(replacement)
    }))
  }

  /**
   * Forget what was learned of a peer, on disk too; on a stopped node at the next start
   *
   * @throws {ScoreStoreError} The disk still has it; it is deleted there when the store can be used again
   */
  async delete (id: PeerId): Promise<void> {
    await this.init.forget(id.toString())
  }

  /**
   * Forget what was learned of all peers, on disk too; on a stopped node at the next start
   *
   * @throws {ScoreStoreError} The disk still has it; it is deleted there when the store can be used again
   */
  async clear (): Promise<void> {
    await this.init.forgetAll()
  }
}

function describePlace (whereabouts: Whereabouts<string>): string {
  switch (whereabouts.place) {
    case 'bucket':
    case 'remembered': {
      const place = whereabouts.place === 'bucket' ? 'in the routing table' : 'remembered, but not in the routing table'

      if (whereabouts.shadowedBy != null) {
        return `${place}, passed over: ${whereabouts.shadowedBy} stands in for it`
      }

      return whereabouts.standsInFor == null ? place : `${place}, stands in for ${whereabouts.standsInFor}`
    }
    case 'replacement':
      return whereabouts.standsInFor == null ? 'in the replacement cache' : `in the replacement cache, stands in for ${whereabouts.standsInFor}`
    case 'none':
      return 'not in the routing table'
    default:
      return assertNever(whereabouts)
  }
}

function assertNever (whereabouts: never): never {
  throw new Error(`Unknown place ${JSON.stringify(whereabouts)}`)
}
