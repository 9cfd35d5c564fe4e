import FlatQueue from 'flatqueue'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { ClosestNames } from './closest-names.ts'
import { GoTableRules } from './go/go-table-rules.ts'
import { KadDHTTableRules } from './kad-dht/kad-dht-table-rules.ts'
import { KeyIndex, headOf, sharedBits } from './key-index.ts'
import { Liars } from './liars.ts'
import { Presence } from './presence.ts'
import { ScoredTableRules, isAcceptable } from './scored/scored-table-rules.ts'
import { TableEntries } from './table-entries.ts'
import { TableLayout, leafOf } from './table-layout.ts'
import { DEFAULT_HELD_S, JS_KAD_DHT } from './table-rules.ts'
import { WalkedPeers } from './walked-peers.ts'
import type { ChangingTables } from './changing-tables.ts'
import type { TableContext, TableRules } from './table-context.ts'
import type { Implementation } from '../world/population.ts'
import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** How often it is looked who is online: a node's coming and going is noticed so much later at most, ms */
const LOOK_INTERVAL_MS = 20_000

/** Peers, online or not, that a node which was there before the start has met in the part of each bucket, in units of k */
const MET_PER_K = 4

export interface ExactTablesInit {
  seed: number
  /** Entries of a bucket, and peers that a lookup is to find */
  k: number
  /** When the first tables are filled, ms: at or below 0, where the run begins */
  startMs: number
  /**
   * How long the connection of a peer that dialled stands before it is trimmed, ms
   *
   * @default 180000
   */
  heldMs?: number
}

/**
 * The routing tables of all nodes, each entry held, moved on in the order of time:
 * every node that is online refreshes its table by the rules of its implementation,
 * and so meets others, which take it into theirs by their rules. What is dead in them
 * follows from that.
 *
 * Simplified: a lookup of a refresh is not played message by message but finds the
 * closest peers that can be dialled; of the meetings in lookups of full buckets only
 * some are played (`PLAYED_EVERY`); and nodes meet by their refreshes only, not by what
 * their users look up.
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

  /** Nodes by the time of their next refresh, s */
  readonly #queue = new FlatQueue()
  /** 1 for those in the queue */
  readonly #isQueued: Uint8Array
  /** Refreshes in the present session */
  readonly #rounds: Uint32Array
  /** Since when a node has been online whose table it is, ms */
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

  /** The time up to which all that was to happen has happened, ms */
  get now (): number {
    return this.#now
  }

  /** Let happen what is due until some time, ms */
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
        // of the 2n closest that it knows the n closest acceptable ones, then the others
        this.#names.begin(head, 2 * n)
        this.#gatherByLeaf(node, head, 2 * n)
        return this.#preferAcceptable(node, this.#names.end(target), n)
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
        passedOver.set(entries.peer[i], isScored && !isAcceptable(entries, i, nowS))
      }
    }

    return Array.from(passedOver, ([peer, isPoor]) => ({ peer, passedOver: isPoor }))
  }

  /** See who is online: those who were not join */
  #look (now: number): void {
    this.#nextLookAt = now + LOOK_INTERVAL_MS
    const isStart = now === this.#now && this.#queue.length === 0

    this.#context.presence.look(now, node => {
      if (this.#isQueued[node] === 0) {
        this.#isQueued[node] = 1
        this.#sessionAt[node] = NaN
        // those who were there before the start have phases of their own
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

      // scores survive, and with them whom they are about
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
   * Fill the table of a node that was there before the start: in all that time it met
   * peers from all over each bucket's part of the keyspace, not those of one lookup
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

  /** Buckets by common prefix length, the closest to a target first, until they hold n */
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

  /** Leaves, the closest to a target first, until they hold n; what is remembered of the neighbourhood with its own leaf */
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

  #preferAcceptable (node: number, closest: number[], n: number): number[] {
    const acceptable = closest.filter(peer => this.#isAcceptable(node, peer))
    const chosen = new Set(acceptable.slice(0, n))

    for (const peer of closest) {
      if (chosen.size >= n) {
        break
      }

      chosen.add(peer)
    }

    return closest.filter(peer => chosen.has(peer))
  }

  #isAcceptable (node: number, peer: number): boolean {
    const { entries, index: { heads } } = this.#context
    const nowS = Math.floor(this.#now / 1000)

    return [entries.layout.cell('scored', heads[node], heads[peer]), entries.layout.rememberedCell(heads[node], heads[peer])].every(cell => {
      const position = cell === undefined ? -1 : entries.find(node, cell, peer)

      return position === -1 || isAcceptable(entries, position, nowS)
    })
  }
}
