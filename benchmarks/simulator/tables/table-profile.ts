import { sharedBits } from './key-index.ts'
import { OWNER_KINDS, dialableKind, implementationOf, ownerKind } from './owner-kind.ts'
import { PRESENCE_CLASSES, PresenceClass } from './presence-class.ts'
import { leafOf, sharedLeafBits } from './table-layout.ts'
import { JS_KAD_DHT } from './table-rules.ts'
import type { KeyIndex } from './key-index.ts'
import type { TableContents } from './table-contents.ts'
import type { World } from '../world/world.ts'

/** Number of owners whose tables are looked at, at each time */
const MAX_OWNERS = 4000

/** Number of positions. The last position stands for a part of the keyspace with 2^24 nodes. */
const POSITIONS = 25

/** A bucket up to this position, which is that of some 100 nodes, is in its owner's neighbourhood */
const NEIGHBOURHOOD = 7

/** Two entries are close to each other when at most this many nodes, online or not, are between them */
const CLOSE_BY = 16

/** A part of the keyspace with fewer nodes is not looked at for clusters, because too many entries there are close to each other by chance */
const MIN_CLUSTERED_NODES = 1000

/** From here on, leaves other than the owner's are counted, by the number of bits that they share with the owner */
const FIRST_LEAF = POSITIONS

/**
 * The cells of one position, over all tables of one kind of owner
 */
export interface CellProfile {
  /** Index n has the number of cells with n entries or fewer, so the last one is the number of all cells */
  readonly fills: number[]
  /** For each `PresenceClass`: probability that a node of the cell's part of the keyspace is one of its entries */
  readonly inclusion: Float64Array
  /** The highest of these probabilities */
  readonly maxInclusion: number
}

/**
 * How full routing tables are and which peers they hold, taken from tables that were
 * simulated entry by entry. A bucket's position is the binary logarithm of the number of
 * nodes, online or not, that its part of the keyspace is expected to hold. That is the
 * logarithm of the network's size minus the common prefix length minus one. At the same
 * position, networks of different sizes look alike.
 *
 * kad-dht's leaves, except the owner's own, are counted by the number of bits that they
 * share with the owner, whatever the network's size. The reason is that a refresh looks
 * up one key for each such number. Among the 32 leaves that share no bit, each refresh
 * hits one. The only leaf that shares five bits is hit every time.
 */
export class TableProfile {
  readonly #cells: ReadonlyArray<ReadonlyArray<CellProfile | undefined>>
  readonly #clustered: readonly number[]
  readonly #wellKnown: readonly number[]

  private constructor (seen: readonly OwnersSeen[]) {
    // where a small network has no owners of a kind, those that can be dialled stand for them
    const ofKinds = seen.map((ofKind, kind) => ofKind.tables > 0 ? ofKind : seen[dialableKind(kind)])

    this.#wellKnown = ofKinds.map(({ fame: { pairs, pairsIfAlike } }) => pairs <= pairsIfAlike ? 1 : pairsIfAlike / pairs)
    this.#cells = ofKinds.map(({ cells }) => cells.map(cell => cell.profile()))
    this.#clustered = ofKinds.map(({ cells }) => clusteredShare(cells))
  }

  /**
   * Take a profile of tables at several times, ascending, ms
   *
   * @param moveTo - Moves the tables on to one of the times
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

  /** The profile of the bucket of a common prefix length in a network of this size, or of the most similar bucket */
  bucket (kind: number, size: number, shared: number): CellProfile | undefined {
    const cells = this.#cells[kind]
    let position = positionOf(size, shared)

    // a smaller network has no bucket of so many nodes, and its fullest buckets are the most similar
    while (position > 0 && cells[position] === undefined) {
      position--
    }

    return cells[position]
  }

  /** The profile of a leaf of kad-dht's table that is not the owner's own. The leaf shares this many bits with the owner, 0 to 5. */
  leaf (kind: number, shared: number): CellProfile | undefined {
    return this.#cells[kind][FIRST_LEAF + shared]
  }

  /**
   * The share of the dead peers that is well known, above 0 to 1. In real tables, dead
   * peers are spread unevenly: some were known to all nodes when they went, others had
   * hardly come. The spread is as uneven as if tables only held this share of the dead
   * peers, each with the same probability.
   */
  wellKnown (kind: number): number {
    return this.#wellKnown[kind]
  }

  /**
   * The share of the entries of large buckets that came in a cluster, 0 to 1. The closest
   * peers to the random key of one lookup are such a cluster.
   */
  clustered (kind: number): number {
    return this.#clustered[kind]
  }
}

/** The counts of all owners of one kind */
interface OwnersSeen {
  tables: number
  readonly cells: readonly Cell[]
  readonly fame: Fame
}

/** Tells how unevenly the dead peers are spread over the tables of their neighbours */
interface Fame {
  /** Number of pairs of tables that hold the same dead peer */
  pairs: number
  /** Number of such pairs if all dead peers of a class were in the same number of tables */
  pairsIfAlike: number
}

/** The counts of one position */
class Cell {
  readonly #fills: number[] = []
  readonly #entries = new Float64Array(PRESENCE_CLASSES)
  readonly #nodes = new Float64Array(PRESENCE_CLASSES)
  /** Entries of large cells: all of them, those that have another one close by, and how many would have one by chance */
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
  /** The cells of the owner's kind, by position */
  cells: readonly Cell[]
  /** The first bucket after the leaves, or 0 without leaves */
  firstBucket: number
  /** The class of each node */
  presence: Uint8Array
  /** Share of all nodes that each class has */
  shares: Float64Array
  /** For each node: the number of tables that hold it, if it is dead and a neighbour */
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

/** Add to the counts of how unevenly tables hold dead peers */
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

/** Running totals of a list that may have gaps */
function cumulative (counts: readonly number[]): number[] {
  const sums: number[] = []
  let sum = 0

  for (let place = 0; place < counts.length; place++) {
    sum += counts[place] ?? 0
    sums.push(sum)
  }

  return sums
}
