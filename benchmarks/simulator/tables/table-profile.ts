import { sharedBits } from './key-index.ts'
import { OWNER_KINDS, dialableKind, implementationOf, ownerKind } from './owner-kind.ts'
import { PRESENCE_CLASSES, PresenceClass } from './presence-class.ts'
import { leafOf, sharedLeafBits } from './table-layout.ts'
import { JS_KAD_DHT } from './table-rules.ts'
import type { KeyIndex } from './key-index.ts'
import type { TableContents } from './table-contents.ts'
import type { World } from '../world/world.ts'

/** Owners whose tables are looked at, at each time */
const MAX_OWNERS = 4000

/** The last position: a part of the keyspace with 2^24 nodes */
const POSITIONS = 25

/** Up to this position, that of some 100 nodes, a bucket is in its owner's neighbourhood */
const NEIGHBOURHOOD = 7

/** Two entries are close to each other when so many nodes, online or not, or fewer are between them */
const CLOSE_BY = 16

/** In a part of the keyspace with fewer nodes, too many entries are close to each other by chance */
const MIN_CLUSTERED_NODES = 1000

/** Where leaves other than the owner's are counted, by how many bits they share with it */
const FIRST_LEAF = POSITIONS

/**
 * What the cells of one position are like, over all tables of one kind of owners
 */
export interface CellProfile {
  /** How many cells had so many entries or fewer, by their number, up to all of them */
  readonly fills: number[]
  /** How likely a node of the cell's part of the keyspace is one of its entries, by `PresenceClass` */
  readonly inclusion: Float64Array
  /** The highest of these */
  readonly maxInclusion: number
}

/**
 * How full routing tables are, and of whom, taken from tables that were simulated
 * entry by entry. A bucket's position is the binary logarithm of how many nodes, online
 * or not, its part of the keyspace is expected to hold: that of the network minus the
 * common prefix length minus one. At the same position, networks of different size look
 * alike.
 *
 * kad-dht's leaves, but for the owner's own, go by how many bits they share with the
 * owner, whatever the size: a refresh looks up one key for each such number, which is
 * one leaf of the 32 that share none and each time the only one that shares five.
 */
export class TableProfile {
  readonly #cells: ReadonlyArray<ReadonlyArray<CellProfile | undefined>>
  readonly #clustered: readonly number[]
  readonly #wellKnown: readonly number[]

  private constructor (seen: readonly OwnersSeen[]) {
    // where a small network has none of a kind, they are taken to be as those that can be dialled
    const ofKinds = seen.map((ofKind, kind) => ofKind.tables > 0 ? ofKind : seen[dialableKind(kind)])

    this.#wellKnown = ofKinds.map(({ fame: { pairs, pairsIfAlike } }) => pairs <= pairsIfAlike ? 1 : pairsIfAlike / pairs)
    this.#cells = ofKinds.map(({ cells }) => cells.map(cell => cell.profile()))
    this.#clustered = ofKinds.map(({ cells }) => clusteredShare(cells))
  }

  /**
   * Take a profile of tables at some times, ascending, ms
   *
   * @param moveTo - Lets the tables reach one of the times
   */
  static async of (tables: TableContents, { world, index, times, moveTo }: {
    world: World
    index: KeyIndex
    times: readonly number[]
    moveTo (time: number): Promise<void>
  }): Promise<TableProfile> {
    const seen = Array.from({ length: OWNER_KINDS }, (): OwnersSeen => ({
      tables: 0,
      cells: Array.from({ length: POSITIONS + JS_KAD_DHT.prefixBits }, () => new Cell()),
      fame: { pairs: 0, pairsIfAlike: 0 }
    }))
    const classes = new PresenceClass(world)

    for (const time of times) {
      await moveTo(time)
      observe(tables, { world, index, classes, seen })
    }

    return new TableProfile(seen)
  }

  /** The bucket for a common prefix length in a network of so many nodes, or what is closest to it */
  bucket (kind: number, size: number, shared: number): CellProfile | undefined {
    const cells = this.#cells[kind]
    let position = positionOf(size, shared)

    // a smaller network has no buckets of so many nodes: its fullest ones are like them
    while (position > 0 && cells[position] === undefined) {
      position--
    }

    return cells[position]
  }

  /** A leaf of kad-dht's table that isn't the owner's but shares so many bits with it, 0 to 5 */
  leaf (kind: number, shared: number): CellProfile | undefined {
    return this.#cells[kind][FIRST_LEAF + shared]
  }

  /**
   * Of the peers that are dead, the share that is well known, above 0 to 1: if all tables
   * around them held only these, each as likely, dead peers would be spread as unevenly
   * as they are. Some were known to everybody when they went, others had hardly come.
   */
  wellKnown (kind: number): number {
    return this.#wellKnown[kind]
  }

  /**
   * Of the entries of large buckets: the share that came in a cluster, as the closest
   * peers to the random key of one lookup do, 0 to 1
   */
  clustered (kind: number): number {
    return this.#clustered[kind]
  }
}

/** What is counted of the owners of one kind */
interface OwnersSeen {
  tables: number
  readonly cells: readonly Cell[]
  readonly fame: Fame
}

/** How alike all dead peers are to their neighbours' tables */
interface Fame {
  /** Pairs of tables that hold the same dead peer */
  pairs: number
  /** How many there would be if all of one class were in as many tables */
  pairsIfAlike: number
}

/** Counts what is seen of one position */
class Cell {
  readonly #fills: number[] = []
  readonly #entries = new Float64Array(PRESENCE_CLASSES)
  readonly #nodes = new Float64Array(PRESENCE_CLASSES)
  /** Entries of large cells, those with another close by, and how many would have one by chance */
  readonly neighbours = { entries: 0, close: 0, byChance: 0 }

  sawEntry (presenceClass: number): void {
    this.#entries[presenceClass]++
  }

  sawCell (fill: number, nodes: number, classShares: Float64Array): void {
    this.#fills[fill] = (this.#fills[fill] ?? 0) + 1

    for (let place = 0; place < PRESENCE_CLASSES; place++) {
      this.#nodes[place] += nodes * classShares[place]
    }
  }

  /** @param peers - The entries of a cell, ascending */
  sawNeighbours (peers: readonly number[], nodes: number): void {
    if (nodes < MIN_CLUSTERED_NODES || peers.length < 2) {
      return
    }

    this.neighbours.entries += peers.length
    this.neighbours.close += peers.filter((peer, i) => peer - (peers[i - 1] ?? -Infinity) <= CLOSE_BY || (peers[i + 1] ?? Infinity) - peer <= CLOSE_BY).length
    this.neighbours.byChance += peers.length * (1 - Math.exp(-2 * CLOSE_BY * (peers.length - 1) / nodes))
  }

  profile (): CellProfile | undefined {
    if (this.#fills.length === 0) {
      return undefined
    }

    const inclusion = this.#entries.map((count, place) => count === 0 ? 0 : Math.min(1, count / this.#nodes[place]))

    return { fills: cumulative(this.#fills), inclusion, maxInclusion: Math.max(...inclusion) }
  }
}

function clusteredShare (cells: readonly Cell[]): number {
  let [entries, close, byChance] = [0, 0, 0]

  for (const { neighbours } of cells) {
    entries += neighbours.entries
    close += neighbours.close
    byChance += neighbours.byChance
  }

  return entries === 0 ? 0 : Math.max(0, (close - byChance) / (entries - byChance))
}

function observe (tables: TableContents, { world: { population, sessions }, index, classes, seen }: { world: World, index: KeyIndex, classes: PresenceClass, seen: OwnersSeen[] }): void {
  const { size } = population
  const { now } = tables
  const presence = Uint8Array.from({ length: size }, (_, node) => classes.of(node, now))
  const shares = new Float64Array(PRESENCE_CLASSES)

  presence.forEach(presenceClass => { shares[presenceClass] += 1 / size })

  const step = Math.max(1, Math.floor(size / MAX_OWNERS))
  const holders = seen.map(() => new Uint16Array(size))

  for (let owner = 0; owner < size; owner += step) {
    if (!sessions.isOnline(owner, now)) {
      continue
    }

    const kind = ownerKind(population, owner)

    seen[kind].tables++
    observeTable(tables, owner, {
      index,
      cells: seen[kind].cells,
      firstBucket: implementationOf(kind) === 'go-kad-dht' ? 0 : JS_KAD_DHT.prefixBits,
      presence,
      shares,
      holders: holders[kind]
    })
  }

  seen.forEach(({ fame }, kind) => { addFame(fame, holders[kind], presence) })
}

interface ObserveTableOptions {
  index: KeyIndex
  /** Of the owner's kind, by position */
  cells: readonly Cell[]
  /** The bucket that comes after the leaves, if there are leaves */
  firstBucket: number
  /** Of each node */
  presence: Uint8Array
  /** Of the nodes, by `PresenceClass` */
  shares: Float64Array
  /** Counts the tables that hold a dead neighbour, by node */
  holders: Uint16Array
}

function observeTable (tables: TableContents, owner: number, { index, cells, firstBucket, presence, shares, holders }: ObserveTableOptions): void {
  const size = presence.length
  const head = index.heads[owner]
  const bucketFills = new Uint16Array(33)
  const leafFills = new Uint16Array(2 ** JS_KAD_DHT.prefixBits)
  const peers: number[][] = []

  for (const { peer, passedOver } of tables.entriesOf(owner)) {
    if (passedOver) {
      continue
    }

    const shared = sharedBits(head, index.heads[peer])

    if (shared < firstBucket) {
      leafFills[leafOf(index.heads[peer])]++
      cells[FIRST_LEAF + shared].sawEntry(presence[peer])
      continue
    }

    bucketFills[shared]++
    ;(peers[shared] ??= []).push(peer)
    cells[positionOf(size, shared)].sawEntry(presence[peer])

    if (positionOf(size, shared) <= NEIGHBOURHOOD && PresenceClass.isDead(presence[peer])) {
      holders[peer]++
    }
  }

  for (let shared = firstBucket; shared < 32; shared++) {
    const inside = index.range(head, shared)
    const deeper = index.range(head, shared + 1)
    const nodes = inside.to - inside.from - (deeper.to - deeper.from)
    const cell = cells[positionOf(size, shared)]

    cell.sawCell(bucketFills[shared], nodes, shares)
    cell.sawNeighbours(peers[shared]?.sort((a, b) => a - b) ?? [], nodes)

    if (deeper.to - deeper.from <= 1) {
      break
    }
  }

  const leaves = firstBucket > 0 ? leafFills.length : 0

  for (let leaf = 0; leaf < leaves; leaf++) {
    if (leaf !== leafOf(head)) {
      cells[FIRST_LEAF + sharedLeafBits(leaf, leafOf(head))].sawCell(leafFills[leaf], size / leafFills.length, shares)
    }
  }
}

/** Add up how unevenly tables hold the dead */
function addFame (fame: Fame, holders: Uint16Array, presence: Uint8Array): void {
  const peers = new Float64Array(PRESENCE_CLASSES)
  const held = new Float64Array(PRESENCE_CLASSES)

  for (let peer = 0; peer < holders.length; peer++) {
    peers[presence[peer]]++
    held[presence[peer]] += holders[peer]
    fame.pairs += holders[peer] * (holders[peer] - 1)
  }

  for (let place = 0; place < PRESENCE_CLASSES; place++) {
    fame.pairsIfAlike += peers[place] === 0 ? 0 : held[place] ** 2 / peers[place]
  }
}

function positionOf (size: number, shared: number): number {
  return Math.min(POSITIONS - 1, Math.max(0, Math.round(Math.log2(size) - shared - 1)))
}

/** How many there are up to each place of a list that may have gaps */
function cumulative (counts: readonly number[]): number[] {
  const sums: number[] = []
  let sum = 0

  for (let place = 0; place < counts.length; place++) {
    sum += counts[place] ?? 0
    sums.push(sum)
  }

  return sums
}
