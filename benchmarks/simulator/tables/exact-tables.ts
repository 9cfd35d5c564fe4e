import FlatQueue from 'flatqueue'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { likeliest } from '../../../src/routing-table/likeliest.ts'
import { ClosestNames } from './closest-names.ts'
import { GoTableRules } from './go/go-table-rules.ts'
import { KadDHTTableRules } from './kad-dht/kad-dht-table-rules.ts'
import { KeyIndex, headOf, sharedBits } from './key-index.ts'
import { Liars } from './liars.ts'
import { Presence } from './presence.ts'
import { ScoredTableRules, chanceOf, hasFailed, isAcceptable } from './scored/scored-table-rules.ts'
import { TableEntries } from './table-entries.ts'
import { TableLayout, leafOf } from './table-layout.ts'
import { DEFAULT_HELD_S, JS_KAD_DHT } from './table-rules.ts'
import { WalkedPeers } from './walked-peers.ts'
import type { ChangingTables } from './changing-tables.ts'
import type { TableContext, TableRules } from './table-context.ts'
import type { Implementation } from '../world/population.ts'
import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** How often it is looked up which nodes are online, ms. A node's coming or going is noticed after at most this time. */
const LOOK_INTERVAL_MS = 20_000

/** A node that was there before the start has met this many times k peers, online or not, in the part of the keyspace of each bucket */
const MET_PER_K = 4

export interface ExactTablesInit {
  seed: number
  /** Number of entries in a bucket, and of peers that a lookup is to find */
  k: number
  /** Time at which the first tables are filled, ms. The run begins at 0, so this is 0 or less. */
  startMs: number
  /**
   * How long an incoming connection stays open before the node closes it, ms
   *
   * @default 180000
   */
  heldMs?: number
}

/**
 * The routing tables of all nodes, with every entry stored. They change as time goes on.
 * Every node that is online refreshes its table by the rules of its implementation. In
 * doing so it meets other nodes, and these take it into their tables by their own rules.
 * The dead entries result from this.
 *
 * The model is simplified in three ways. A lookup of a refresh is not played message by
 * message, but finds the closest peers that can be dialled. Of the meetings in lookups of
 * full buckets, only some are played (`PLAYED_EVERY`). Nodes only meet by their
 * refreshes, not by the lookups of their users.
 */
export class ExactTables implements ChangingTables {
  readonly k: number
  readonly #world: World
  readonly #context: TableContext
  readonly #rules: Record<Implementation, TableRules>
  readonly #rulesOf: TableRules[]
  readonly #names: ClosestNames
  readonly #liars: Liars
  readonly #next: () => number

  /** The nodes, sorted by the time of their next refresh, s */
  readonly #queue = new FlatQueue()
  /** 1 for each node in the queue */
  readonly #isQueued: Uint8Array
  /** Number of refreshes that each node has made in its present session */
  readonly #rounds: Uint32Array
  /** The time at which a node's present table began, ms */
  readonly #sessionAt: Float64Array
  readonly #startMs: number
  #nextLookAt: number
  #now: number

  constructor (world: World, { seed, k, startMs, heldMs = 1000 * DEFAULT_HELD_S }: ExactTablesInit) {
    const { population } = world
    const index = new KeyIndex(population)
    const presence = new Presence(world)
    const generator = xoroshiro128plus(seed)
    const next = this.#next = () => generator.next()

    this.k = k
    this.#world = world
    this.#startMs = startMs
    this.#now = startMs
    this.#nextLookAt = startMs
    this.#context = {
      entries: new TableEntries(population, new TableLayout(k, population.size)),
      index,
      presence,
      walked: new WalkedPeers({ index, presence, next, k }),
      k,
      random: () => (next() >>> 0) / 2 ** 32,
      heldS: heldMs / 1000,
      dial: (from, to, nowS) => { this.#rulesOf[to].dialled(to, from, nowS) }
    }
    this.#rules = {
      'go-kad-dht': new GoTableRules(this.#context),
      'kad-dht': new KadDHTTableRules(this.#context),
      scored: new ScoredTableRules(this.#context)
    }
    this.#rulesOf = Array.from({ length: population.size }, (_, node) => this.#rules[population.implementation(node)])
    this.#names = new ClosestNames(index)
    this.#liars = new Liars(world)
    this.#isQueued = new Uint8Array(population.size)
    this.#rounds = new Uint32Array(population.size)
    this.#sessionAt = new Float64Array(population.size)

    this.#look(startMs)
  }

  /** All events up to this time have happened, ms */
  get now (): number {
    return this.#now
  }

  /** Play all events up to some time, ms */
  advance (now: number): void {
    for (;;) {
      const refreshAt = (this.#queue.peekValue() ?? Infinity) * 1000

      if (Math.min(refreshAt, this.#nextLookAt) > now) {
        break
      }

      if (this.#nextLookAt <= refreshAt) {
        this.#look(this.#nextLookAt)
      } else {
        this.#refresh(this.#queue.pop() as number, refreshAt)
      }
    }

    this.#now = Math.max(this.#now, now)
  }

  named (node: number, target: KadId, n: number): number[] {
    if (this.#liars.has(node)) {
      return this.#liars.named(node, target, n, this.#now)
    }

    const { entries } = this.#context
    const head = headOf(target)

    switch (entries.implementation(node)) {
      case 'go-kad-dht':
        this.#names.begin(head, n)
        this.#gatherByPrefix(node, head, n)
        break
      case 'kad-dht':
        this.#names.begin(head, n)
        this.#gatherByLeaf(node, head, n)
        break
      case 'scored':
        // of the 2n closest entries, those that are the most likely there are named
        this.#names.begin(head, 2 * n)
        this.#gatherByLeaf(node, head, 2 * n)
        return likeliest(this.#names.end(target), n, peer => this.#chanceOf(node, peer))
    }

    return this.#names.end(target)
  }

  entriesOf (node: number): Array<{ peer: number, passedOver: boolean }> {
    const { entries } = this.#context
    const nowS = Math.floor(this.#now / 1000)
    const isScored = entries.implementation(node) === 'scored'
    const passedOver = new Map<number, boolean>()

    for (let cell = 0; cell < entries.layout.cells(entries.implementation(node)); cell++) {
      for (let i = entries.start(node, cell); i < entries.end(node, cell); i++) {
        passedOver.set(entries.peer[i], isScored && (!isAcceptable(entries, i, nowS) || hasFailed(entries, i)))
      }
    }

    return Array.from(passedOver, ([peer, isPoor]) => ({ peer, passedOver: isPoor }))
  }

  /** Look up which nodes are online. A node that was not online before joins. */
  #look (now: number): void {
    this.#nextLookAt = now + LOOK_INTERVAL_MS
    const isStart = now === this.#now && this.#queue.length === 0

    this.#context.presence.look(now, node => {
      if (this.#isQueued[node] === 0) {
        this.#isQueued[node] = 1
        this.#sessionAt[node] = NaN
        // a node that was there before the start has its first refresh at a random point of its interval
        const delayMs = isStart ? 1000 * this.#rulesOf[node].intervalS : LOOK_INTERVAL_MS
        this.#queue.push(node, (now + delayMs * (this.#next() >>> 0) / 2 ** 32) / 1000)
      }
    })
  }

  #refresh (node: number, now: number): void {
    const { sessions } = this.#world

    if (!sessions.isOnline(node, now)) {
      this.#isQueued[node] = 0
      return
    }

    const since = sessions.since(node, now)

    if (since !== this.#sessionAt[node]) {
      this.#sessionAt[node] = since
      this.#rounds[node] = 0

      // scores are kept over a restart, and so are the peers that have them
      if (this.#rulesOf[node] !== this.#rules.scored) {
        this.#context.entries.clear(node)
      }

      if (since < this.#startMs) {
        this.#settle(node, Math.floor(now / 1000))
      }
    }

    this.#rulesOf[node].refresh(node, this.#rounds[node]++, Math.floor(now / 1000))
    this.#queue.push(node, now / 1000 + this.#rulesOf[node].intervalS)
  }

  /**
   * Fill the table of a node that was there before the start. Such a node has met peers
   * from everywhere in each bucket's part of the keyspace, not only the peers of one
   * lookup.
   */
  #settle (node: number, nowS: number): void {
    const { index, presence } = this.#context
    const isGo = this.#rulesOf[node] === this.#rules['go-kad-dht']
    const { depth } = this.#context.entries.layout
    const parts = isGo ? depth : 2 ** JS_KAD_DHT.prefixBits

    for (let part = 0; part < parts; part++) {
      const { from, to } = isGo
        ? index.range((index.heads[node] ^ 0x80000000 >>> part) >>> 0, part + 1)
        : index.range(part * 2 ** (32 - JS_KAD_DHT.prefixBits), JS_KAD_DHT.prefixBits)

      const met = to > from ? MET_PER_K * this.k : 0

      for (let i = 0; i < met; i++) {
        const peer = from + (this.#next() >>> 0) % (to - from)

        if (peer !== node && presence.answersDial(peer)) {
          this.#rulesOf[node].met(node, peer, nowS)
        }
      }
    }
  }

  /** Add buckets by common prefix length, starting with the one closest to a target, until they hold n entries */
  #gatherByPrefix (node: number, head: number, n: number): void {
    const { entries, index: { heads } } = this.#context
    const { depth } = entries.layout
    const own = Math.min(sharedBits(heads[node], head), depth)

    this.#gather(node, own)

    if (this.#names.size < n) {
      for (let cell = own + 1; cell <= depth; cell++) {
        this.#gather(node, cell)
      }
    }

    for (let cell = own - 1; cell >= 0 && this.#names.size < n; cell--) {
      this.#gather(node, cell)
    }
  }

  /**
   * Add leaves, starting with the one closest to a target, until they hold n entries. The
   * remembered peers of the neighbourhood are added with the owner's own leaf.
   */
  #gatherByLeaf (node: number, head: number, n: number): void {
    const { entries, index: { heads } } = this.#context
    const leaf = leafOf(head)
    const leaves = entries.layout.cells('kad-dht')
    const cells = entries.layout.cells(entries.implementation(node))

    for (let step = 0; step < leaves && this.#names.size < n; step++) {
      this.#gather(node, leaf ^ step)

      if ((leaf ^ step) === leafOf(heads[node])) {
        for (let cell = leaves; cell < cells; cell++) {
          this.#gather(node, cell)
        }
      }
    }
  }

  #gather (node: number, cell: number): void {
    const { entries } = this.#context
    const end = entries.end(node, cell)

    for (let i = entries.start(node, cell); i < end; i++) {
      this.#names.add(entries.peer[i])
    }
  }

  /** An entry may be in two cells. What was seen last counts. */
  #chanceOf (node: number, peer: number): number | undefined {
    const { entries, entries: { outcomeAtS }, index: { heads } } = this.#context
    const positions = [entries.layout.cell('scored', heads[node], heads[peer]), entries.layout.rememberedCell(heads[node], heads[peer])]
      .map(cell => cell === undefined ? -1 : entries.find(node, cell, peer))
      .filter(position => position !== -1)
    const latest = positions.reduce((a, b) => outcomeAtS[b] > outcomeAtS[a] ? b : a)

    return chanceOf(entries, latest, Math.floor(this.#now / 1000))
  }
}
