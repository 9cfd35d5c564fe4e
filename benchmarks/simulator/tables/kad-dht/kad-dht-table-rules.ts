import { entryAnswers } from '../table-context.ts'
import { JS_KAD_DHT } from '../table-rules.ts'
import type { TableContext, TableRules } from '../table-context.ts'

/**
 * The rules of @libp2p/kad-dht 16.4.5. A peer that answered us, was named to us or
 * dialled us is pinged, and enters when its leaf has room (k-bucket.ts). When the leaf is
 * full, three entries are pinged: those whose last ping is the longest ago, and at least
 * 10 minutes. Entries that do not answer leave. An entry that answers does not count as
 * pinged, so the same three are pinged every time. A failure in a lookup changes nothing.
 * The table is never refreshed, because refresh.ts is never started. There is only the
 * self-query.
 */
export class KadDHTTableRules implements TableRules {
  readonly intervalS = JS_KAD_DHT.selfQueryIntervalS
  protected readonly context: TableContext
  /** The peers that a lookup asks. Only the first part of the list is in use. */
  protected readonly asked: number[] = []
  protected askedCount = 0
  readonly #ranked: number[] = []
  /** A separate list from `#ranked`, because a node that is dialled may ping entries of its own table meanwhile */
  readonly #pinged: number[] = []

  constructor (context: TableContext) {
    this.context = context
  }

  refresh (owner: number, _round: number, nowS: number): void {
    const { entries, index: { heads }, dial } = this.context
    const cell = this.cellOf(owner, owner)

    // a failure of these changes nothing
    for (const position of this.closestIn(owner, cell, heads[owner], JS_KAD_DHT.askedBySelfQuery)) {
      if (entryAnswers(this.context, position, nowS)) {
        dial(owner, entries.peer[position], nowS)
      }
    }

    this.lookUpSelf(owner, nowS)
  }

  met (owner: number, peer: number, nowS: number): void {
    this.offer(owner, peer, nowS, false)
  }

  dialled (owner: number, from: number, nowS: number): void {
    this.offer(owner, from, nowS, true)
  }

  /** Look up the node's own kad id. The closest peers are named, pinged and asked. */
  protected lookUpSelf (owner: number, nowS: number): void {
    this.askedCount = this.context.walked.askNeighbours(owner, this.asked)
    this.meet(owner, 1, nowS)
  }

  /**
   * Meet the peers that a lookup asked, or that were named to it
   *
   * @param every - Only every n-th of them is met
   */
  protected meet (owner: number, every: number, nowS: number): void {
    for (let i = this.askedCount % every; i < this.askedCount; i += every) {
      const peer = this.asked[i]

      if (peer !== owner) {
        this.offer(owner, peer, nowS, false)
        this.context.dial(owner, peer, nowS)
      }
    }
  }

  /** `_add` of k-bucket.ts: a peer that answers a ping enters its leaf if there is room */
  protected offer (owner: number, peer: number, nowS: number, dialledUs: boolean): void {
    const { entries } = this.context
    const cell = this.cellOf(owner, peer)
    const position = entries.find(owner, cell, peer)

    if (position !== -1) {
      if (dialledUs) {
        entries.dialledUsAtS[position] = nowS
      }

      return
    }

    if (!entries.isFull(owner, cell) || this.makeRoom(owner, cell, nowS)) {
      this.added(entries.add(owner, cell, peer, nowS, dialledUs), nowS)
    }
  }

  /**
   * Ping some entries of a full leaf, and remove those that do not answer
   *
   * @returns Whether there is room now
   */
  protected makeRoom (owner: number, cell: number, nowS: number): boolean {
    const { entries } = this.context
    const before = entries.count(owner, cell)

    for (const position of this.pinged(owner, cell, nowS)) {
      if (entryAnswers(this.context, position, nowS)) {
        this.survived(position, nowS)
      } else {
        entries.remove(owner, cell, position)
      }
    }

    return entries.count(owner, cell) < before
  }

  /** The entries of a full leaf that are pinged, the last one first, because entries behind a removed one move up */
  protected pinged (owner: number, cell: number, nowS: number): number[] {
    const { entries } = this.context
    const start = entries.start(owner, cell)
    const pinged = this.#pinged
    pinged.length = 0

    // the entries are in the order in which they came, which is also the order of their last pings
    for (let i = Math.min(start + JS_KAD_DHT.pingedWhenFull, entries.end(owner, cell)) - 1; i >= start; i--) {
      if (nowS - entries.answeredAtS[i] > JS_KAD_DHT.pingThresholdS) {
        pinged.push(i)
      }
    }

    return pinged
  }

  /** Called when an entry has answered a ping */
  protected survived (_position: number, _nowS: number): void {}

  /** Called when a peer has entered */
  protected added (_position: number, _nowS: number): void {}

  /** The entries of a cell that are closest to a key, the last position first */
  protected closestIn (owner: number, cell: number, key: number, n: number, accept: (position: number) => boolean = () => true): number[] {
    const { entries, entries: { peer }, index: { heads } } = this.context
    const ranked = this.#ranked
    const end = entries.end(owner, cell)
    ranked.length = 0

    for (let i = entries.start(owner, cell); i < end; i++) {
      if (!accept(i)) {
        continue
      }

      const distance = (heads[peer[i]] ^ key) >>> 0
      let rank = Math.min(ranked.length, n)

      while (rank > 0 && ((heads[peer[ranked[rank - 1]]] ^ key) >>> 0) > distance) {
        ranked[rank] = ranked[rank - 1]
        rank--
      }

      ranked[rank] = i
    }

    ranked.length = Math.min(ranked.length, n)

    return ranked.sort((a, b) => b - a)
  }

  protected cellOf (owner: number, peer: number): number {
    const { entries, index: { heads } } = this.context

    return entries.layout.cell('kad-dht', heads[owner], heads[peer])
  }
}
