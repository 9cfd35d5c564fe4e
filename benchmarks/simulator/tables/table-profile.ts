import { sharedBits } from './key-index.ts'
import { PRESENCE_CLASSES, PresenceClass } from './presence-class.ts'
import { leafOf } from './table-layout.ts'
import { JS_KAD_DHT } from './table-rules.ts'
import { IMPLEMENTATIONS } from '../world/population.ts'
import type { KeyIndex } from './key-index.ts'
import type { TableContents } from './table-contents.ts'
import type { Implementation } from '../world/population.ts'
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

/** Whom the entries of leaves other than the owner's are counted under */
const LEAF = POSITIONS

/**
 * What the cells of one position are like, over all tables of one implementation
 */
export interface CellProfile {
  /** How many cells had so many entries, by their number */
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
 * alike. kad-dht's leaves, but for the owner's own, have one position.
 */
export class TableProfile {
  readonly #cells: ReadonlyArray<ReadonlyArray<CellProfile | undefined>>
  readonly #clustered: readonly number[]
  readonly #wellKnown: readonly number[]

  private constructor (cells: ReadonlyArray<readonly Cell[]>, fame: readonly Fame[]) {
    this.#wellKnown = fame.map(({ pairs, pairsIfAlike }) => pairs <= pairsIfAlike ? 1 : pairsIfAlike / pairs)
    this.#cells = cells.map(ofOne => ofOne.map(cell => cell.profile()))
    this.#clustered = cells.map(ofOne => clusteredShare(ofOne))
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
    const cells = IMPLEMENTATIONS.map(() => Array.from({ length: POSITIONS + 1 }, () => new Cell()))
    const fame = IMPLEMENTATIONS.map(() => ({ pairs: 0, pairsIfAlike: 0 }))
    const classes = new PresenceClass(world)

    for (const time of times) {
      await moveTo(time)
      observe(tables, { world, index, classes, cells, fame })
    }

    return new TableProfile(cells, fame)
  }

  /** The bucket for a common prefix length in a network of so many nodes, or what is closest to it */
  bucket (implementation: Implementation, size: number, shared: number): CellProfile | undefined {
    const cells = this.#cells[IMPLEMENTATIONS.indexOf(implementation)]
    let position = positionOf(size, shared)

    // a smaller network has no buckets of so many nodes: its fullest ones are like them
    while (position > 0 && cells[position] === undefined) {
      position--
    }

    return cells[position]
  }

  /** A leaf of kad-dht's table that isn't the owner's */
  leaf (implementation: Implementation): CellProfile | undefined {
    return this.#cells[IMPLEMENTATIONS.indexOf(implementation)][LEAF]
  }

  /**
   * Of the peers that are dead, the share that is well known, above 0 to 1: if all tables
   * around them held only these, each as likely, dead peers would be spread as unevenly
   * as they are. Some were known to everybody when they went, others had hardly come.
   */
  wellKnown (implementation: Implementation): number {
    return this.#wellKnown[IMPLEMENTATIONS.indexOf(implementation)]
  }

  /**
   * Of the entries of large buckets: the share that came in a cluster, as the closest
   * peers to the random key of one lookup do, 0 to 1
   */
  clustered (implementation: Implementation): number {
    return this.#clustered[IMPLEMENTATIONS.indexOf(implementation)]
  }
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

    return { fills: Array.from(this.#fills, count => count ?? 0), inclusion, maxInclusion: Math.max(...inclusion) }
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

function observe (tables: TableContents, { world, index, classes, cells, fame }: { world: World, index: KeyIndex, classes: PresenceClass, cells: Cell[][], fame: Fame[] }): void {
  const { population, sessions } = world
  const { size } = population
  const { now } = tables
  const presence = Uint8Array.from({ length: size }, (_, node) => classes.of(node, now))
  const shares = new Float64Array(PRESENCE_CLASSES)

  presence.forEach(presenceClass => { shares[presenceClass] += 1 / size })

  const step = Math.max(1, Math.floor(size / MAX_OWNERS))
  const holders = IMPLEMENTATIONS.map(() => new Uint16Array(size))

  for (let owner = 0; owner < size; owner += step) {
    if (!sessions.isOnline(owner, now)) {
      continue
    }

    const implementation = population.implementation(owner)
    const own = cells[IMPLEMENTATIONS.indexOf(implementation)]
    const head = index.heads[owner]
    const firstBucket = implementation === 'go-kad-dht' ? 0 : JS_KAD_DHT.prefixBits
    const bucketFills = new Uint16Array(33)
    const leafFills = new Uint16Array(2 ** JS_KAD_DHT.prefixBits)
    const peers: number[][] = []

    for (const { peer, passedOver } of tables.entriesOf(owner)) {
      if (passedOver) {
        continue
      }

      const shared = sharedBits(head, index.heads[peer])

      if (shared >= firstBucket) {
        bucketFills[shared]++
        ;(peers[shared] ??= []).push(peer)

        if (positionOf(size, shared) <= NEIGHBOURHOOD && PresenceClass.isDead(presence[peer])) {
          holders[IMPLEMENTATIONS.indexOf(implementation)][peer]++
        }
        own[positionOf(size, shared)].sawEntry(presence[peer])
      } else {
        leafFills[leafOf(index.heads[peer])]++
        own[LEAF].sawEntry(presence[peer])
      }
    }

    for (let shared = firstBucket; shared < 32; shared++) {
      const inside = index.range(head, shared)
      const deeper = index.range(head, shared + 1)
      const nodes = inside.to - inside.from - (deeper.to - deeper.from)

      const cell = own[positionOf(size, shared)]
      cell.sawCell(bucketFills[shared], nodes, shares)
      cell.sawNeighbours(peers[shared]?.sort((a, b) => a - b) ?? [], nodes)

      if (deeper.to - deeper.from <= 1) {
        break
      }
    }

    const leaves = firstBucket > 0 ? leafFills.length : 0

    for (let leaf = 0; leaf < leaves; leaf++) {
      if (leaf !== leafOf(head)) {
        own[LEAF].sawCell(leafFills[leaf], size / leafFills.length, shares)
      }
    }
  }

  fame.forEach((ofOne, i) => { addFame(ofOne, holders[i], presence) })
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
