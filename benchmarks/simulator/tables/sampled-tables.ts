import { ClosestNames } from './closest-names.ts'
import { KeyIndex, headOf, sharedBits } from './key-index.ts'
import { Liars } from './liars.ts'
import { OWNER_KINDS, implementationOf, ownerKind } from './owner-kind.ts'
import { PresenceClass } from './presence-class.ts'
import { leafOf, sharedLeafBits } from './table-layout.ts'
import { GO_KAD_DHT, JS_KAD_DHT } from './table-rules.ts'
import { HashedRandom } from '../world/hashed-random.ts'
import type { ChangingTables } from './changing-tables.ts'
import type { CellProfile, TableProfile } from './table-profile.ts'
import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** In a cell of at most this many times k nodes, a draw decides for each node. In a larger one, a draw picks a node for each entry. */
const SMALL_PER_K = 8

/** The nodes that share a prefix with a node are one cell when there are at most this many times k */
const TAIL_PER_K = 4

/** This many nodes are tried for one entry. If none is accepted, its place stays empty. */
const MAX_TRIES = 40

/**
 * How often it is looked up which nodes are online, ms. Looking for each request would cost
 * more, because there are many more requests than nodes.
 */
const LOOK_INTERVAL_MS = 60_000

/** What random numbers decide. Each use has a number of its own. */
const FILL = 1
const DRAW = 2
const ACCEPT = 3
const INCLUDE = 4
const PHASE = 5
const CLUSTER = 6
const WELL_KNOWN = 7

/** Cells of leaves are numbered from here on, cells of buckets below */
const FIRST_LEAF = 64

export interface SampledTablesInit {
  seed: number
  /** Entries of a bucket */
  k: number
  profile: TableProfile
}

/**
 * Routing tables that are not stored. When somebody asks for a part of a table, that part
 * is drawn at random. The profile says how full it is and how many of its peers are dead,
 * fresh or stable. A node's table stays the same until its next refresh, and is then
 * drawn anew.
 */
export class SampledTables implements ChangingTables {
  readonly k: number
  readonly #index: KeyIndex
  readonly #profile: TableProfile
  readonly #classes: PresenceClass
  /** The class of each node at the last look */
  readonly #presence: Uint8Array
  readonly #liars: Liars
  readonly #names: ClosestNames
  readonly #random: HashedRandom
  readonly #kinds: Uint8Array
  /** From this common prefix length on, all nodes that share it with a node are one cell */
  readonly #tailBits: number
  readonly #buckets: Array<CellProfile | undefined>[]
  readonly #clustered: readonly number[]
  readonly #wellKnown: readonly number[]
  readonly #cell: number[] = []
  #now = -Infinity
  /** How many times the owner of the table that is being drawn has refreshed it */
  #epoch = 0
  #nextLookAt = -Infinity

  constructor (world: World, { seed, k, profile }: SampledTablesInit) {
    const { population } = world
    this.k = k
    this.#index = new KeyIndex(population)
    this.#profile = profile
    this.#classes = new PresenceClass(world)
    this.#presence = new Uint8Array(population.size)
    this.#liars = new Liars(world)
    this.#names = new ClosestNames(this.#index)
    this.#random = new HashedRandom(seed, 'routing tables')
    this.#kinds = Uint8Array.from({ length: population.size }, (_, node) => ownerKind(population, node))
    this.#wellKnown = KINDS.map(kind => profile.wellKnown(kind))
    this.#clustered = KINDS.map(kind => profile.clustered(kind))
    this.#tailBits = Math.max(0, Math.ceil(Math.log2(population.size / (TAIL_PER_K * k))))
    this.#buckets = KINDS.map(kind => Array.from({ length: 33 }, (_, shared) => profile.bucket(kind, population.size, shared)))
  }

  get now (): number {
    return this.#now
  }

  /** Move the tables on to a time, ms */
  advance (now: number): void {
    this.#now = Math.max(this.#now, now)

    if (this.#now >= this.#nextLookAt) {
      this.#nextLookAt = this.#now + LOOK_INTERVAL_MS

      for (let node = 0; node < this.#presence.length; node++) {
        this.#presence[node] = this.#classes.of(node, this.#now)
      }
    }
  }

  named (node: number, target: KadId, n: number): number[] {
    if (this.#liars.has(node)) {
      return this.#liars.named(node, target, n, this.#now)
    }

    const head = headOf(target)
    this.#names.begin(head, n)
    this.#epoch = this.#epochOf(node)

    if (this.#isGo(node)) {
      this.#walkBuckets(node, head, 0, n)
    } else {
      this.#walkLeaves(node, head, n)
    }

    return this.#names.end(target)
  }

  entriesOf (node: number): Array<{ peer: number, passedOver: boolean }> {
    const all = new Set<number>()
    this.#epoch = this.#epochOf(node)
    const firstBucket = this.#isGo(node) ? 0 : JS_KAD_DHT.prefixBits
    const tailBits = Math.max(firstBucket, this.#tailBits)
    const take = (): void => { this.#cell.forEach(peer => all.add(peer)) }

    for (let shared = firstBucket; shared < tailBits; shared++) {
      this.#drawBucket(node, shared)
      take()
    }

    this.#drawTail(node, tailBits)
    take()

    const leaves = firstBucket > 0 ? 2 ** JS_KAD_DHT.prefixBits : 0

    for (let leaf = 0; leaf < leaves; leaf++) {
      if (leaf !== leafOf(this.#index.heads[node])) {
        this.#drawLeaf(node, leaf)
        take()
      }
    }

    return Array.from(all, peer => ({ peer, passedOver: false }))
  }

  /**
   * Go through the buckets in the order of their distance from a target until there are n
   * names, starting from some common prefix length. All peers of a bucket are closer than
   * all peers of the next one.
   */
  #walkBuckets (node: number, head: number, firstBit: number, n: number): void {
    const own = this.#index.heads[node]
    const tailBits = Math.max(firstBit, this.#tailBits)
    const shared = Math.min(sharedBits(own, head), tailBits)

    if (shared >= firstBit && shared < tailBits) {
      this.#drawBucket(node, shared)

      if (this.#take() >= n) {
        return
      }
    }

    // after the target's own bucket: where a bit of the target differs from the node, peers that differ from
    // the node in that bit are closer
    const start = Math.max(shared < firstBit ? firstBit : shared + 1, firstBit)
    const differs = (bit: number): boolean => ((own ^ head) >>> (31 - bit) & 1) === 1

    for (let bit = start; bit < tailBits; bit++) {
      if (differs(bit)) {
        this.#drawBucket(node, bit)

        if (this.#take() >= n) {
          return
        }
      }
    }

    this.#drawTail(node, tailBits)

    if (this.#take() >= n) {
      return
    }

    for (let bit = tailBits - 1; bit >= firstBit; bit--) {
      if (bit !== shared && (bit < shared || !differs(bit))) {
        this.#drawBucket(node, bit)

        if (this.#take() >= n) {
          return
        }
      }
    }
  }

  /** Go through the leaves in the order of their distance from a target until there are n names */
  #walkLeaves (node: number, head: number, n: number): void {
    const leaf = leafOf(head)
    const own = leafOf(this.#index.heads[node])

    for (let step = 0; step < 2 ** JS_KAD_DHT.prefixBits && this.#names.size < n; step++) {
      if ((leaf ^ step) === own) {
        this.#walkBuckets(node, head, JS_KAD_DHT.prefixBits, n)
      } else {
        this.#drawLeaf(node, leaf ^ step)
        this.#take()
      }
    }
  }

  #take (): number {
    for (const peer of this.#cell) {
      this.#names.add(peer)
    }

    return this.#names.size
  }

  /** Draw the bucket of a common prefix length */
  #drawBucket (node: number, shared: number): void {
    const own = this.#index.heads[node]
    const { from, to } = this.#index.range((own ^ 0x80000000 >>> shared) >>> 0, shared + 1)

    this.#draw(node, shared, this.#buckets[this.#kinds[node]][shared], from, to)
  }

  #drawLeaf (node: number, leaf: number): void {
    const { from, to } = this.#index.range(leaf * 2 ** (32 - JS_KAD_DHT.prefixBits), JS_KAD_DHT.prefixBits)

    this.#draw(node, FIRST_LEAF + leaf, this.#profile.leaf(this.#kinds[node], sharedLeafBits(leaf, leafOf(this.#index.heads[node]))), from, to)
  }

  /** Draw all buckets from a common prefix length on. A draw decides for each node. */
  #drawTail (node: number, bits: number): void {
    const { heads } = this.#index
    const { from, to } = this.#index.range(heads[node], bits)
    const profiles = this.#buckets[this.#kinds[node]]
    this.#cell.length = 0

    for (let peer = from; peer < to; peer++) {
      const profile = peer === node ? undefined : profiles[sharedBits(heads[node], heads[peer])]

      if (profile !== undefined && this.#includes(node, peer, profile)) {
        this.#cell.push(peer)
      }
    }
  }

  #draw (node: number, place: number, profile: CellProfile | undefined, from: number, to: number): void {
    const cell = this.#cell
    cell.length = 0

    if (profile === undefined || to === from) {
      return
    }

    if (to - from <= SMALL_PER_K * this.k) {
      for (let peer = from; peer < to; peer++) {
        if (this.#includes(node, peer, profile)) {
          cell.push(peer)
        }
      }

      return
    }

    const fill = drawFill(profile.fills, this.#random.uniform(node, place, this.#epoch * 8 + FILL))
    const clustered = place < FIRST_LEAF ? fill * this.#clustered[this.#kinds[node]] : 0
    const lowest = this.#random.word(node, place, CLUSTER) % (to - from)

    // the entries of a cluster are neighbours, starting at a random node
    for (let step = 0; cell.length < clustered && step < to - from; step++) {
      const peer = from + (lowest + step) % (to - from)

      if (this.#accepts(node, peer, profile)) {
        cell.push(peer)
      }
    }

    for (let slot = cell.length; slot < fill; slot++) {
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const use = (slot * MAX_TRIES + attempt) * 128 + place
        const peer = from + this.#random.word(node, use, this.#epoch * 8 + DRAW) % (to - from)

        if (this.#accepts(node, peer, profile) && !cell.includes(peer)) {
          cell.push(peer)
          break
        }
      }
    }
  }

  /**
   * Whether a node may be an entry of a cell. The probability is that of the node's
   * class. The decision is made once for each node and cell. If a second try could decide
   * differently, rare nodes would be picked too often where the others have been taken.
   */
  #accepts (node: number, peer: number, profile: CellProfile): boolean {
    return this.#random.uniform(node, peer, this.#epoch * 8 + ACCEPT) * profile.maxInclusion < profile.inclusion[this.#presence[peer]]
  }

  #includes (node: number, peer: number, profile: CellProfile): boolean {
    const draw = this.#random.uniform(node, peer, this.#epoch * 8 + INCLUDE)
    const wellKnown = this.#wellKnown[this.#kinds[node]]

    // this spares looking up the class of most nodes
    if (draw * Math.min(wellKnown, profile.maxInclusion) >= profile.maxInclusion) {
      return false
    }

    const presenceClass = this.#presence[peer]
    const inclusion = profile.inclusion[presenceClass]

    if (!PresenceClass.isDead(presenceClass)) {
      return draw < inclusion
    }

    // all tables agree which nodes are well known. The mean over all nodes of a class stays the same.
    return draw < (this.#random.uniform(peer, WELL_KNOWN) < wellKnown ? Math.min(1, inclusion / wellKnown) : (inclusion - wellKnown) / (1 - wellKnown))
  }

  #isGo (node: number): boolean {
    return implementationOf(this.#kinds[node]) === 'go-kad-dht'
  }

  /** Number of times that a node has refreshed its table */
  #epochOf (node: number): number {
    const intervalMs = 1000 * (this.#isGo(node) ? GO_KAD_DHT.refreshIntervalS : JS_KAD_DHT.selfQueryIntervalS)

    return Math.floor(this.#now / intervalMs + this.#random.uniform(node, PHASE))
  }
}

const KINDS = Array.from({ length: OWNER_KINDS }, (_, kind) => kind)

/** Draw how full a cell is. `fills` has, for each number of entries, the count of cells with so many entries or fewer. */
function drawFill (fills: readonly number[], uniform: number): number {
  const drawn = uniform * fills[fills.length - 1]
  let fill = 0

  while (fill < fills.length - 1 && drawn >= fills[fill]) {
    fill++
  }

  return fill
}
