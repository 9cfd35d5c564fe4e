import type { NamedPeer } from '../../../src/routing-table/named-peers.ts'
import type { ScoredRoutingTable } from '../../../src/routing-table/scored-routing-table.ts'
import type { PeerScore } from '../../../src/score/peer-score.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * What a client keeps on disk, as a live node does: the scores of those that it has asked,
 * and who was named to it by whom
 */
export class KeptPeers {
  readonly #scores: Array<[number, Readonly<PeerScore>]>
  readonly #named: Array<NamedPeer<number>>
  readonly #kadIdOf: (peer: number) => KadId

  constructor (table: ScoredRoutingTable<number>, kadIdOf: (peer: number) => KadId) {
    this.#scores = [...table.scores.entries()]
    this.#named = [...table.namedPeers()].flatMap(peer => table.scores.has(peer) ? [] : table.namedPeer(peer) ?? [])
    this.#kadIdOf = kadIdOf
  }

  /** Take them into an empty table, the stalest scores first */
  restore (table: ScoredRoutingTable<number>): void {
    for (const [peer, score] of this.#scores) {
      table.restore({ peer, kadId: this.#kadIdOf(peer) }, score)
    }

    for (const { peer, kadId, referrer, namedAt } of this.#named) {
      table.restoreNamed({ peer, kadId }, referrer, namedAt)
    }
  }
}
