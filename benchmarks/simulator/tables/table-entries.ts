import { IMPLEMENTATIONS } from '../world/population.ts'
import type { TableLayout } from './table-layout.ts'
import type { Implementation, Population } from '../world/population.ts'

/** A time before all others, s */
const NEVER_S = -(2 ** 31)

/** For this many nodes on either side of an owner, in the order of kad ids, a bit tells whether the owner's table has them */
const NEAR = 128
const NEAR_WORDS = 2 * NEAR / 32

/**
 * The entries of all tables, in typed arrays. Each cell has a number that is unique over
 * all tables. The entries of a cell are at the positions from `start` to before `end`, in
 * the order in which they came. Times are whole seconds.
 */
export class TableEntries {
  readonly layout: TableLayout
  /** For each node: an index into `IMPLEMENTATIONS` */
  readonly implementations: Uint8Array
  /** The peer of an entry */
  readonly peer: Uint32Array
  /** Time at which an entry last answered, s: a query for go-kad-dht, a ping for kad-dht */
  readonly answeredAtS: Int32Array
  /** When an entry last dialled the owner, s */
  readonly dialledUsAtS: Int32Array
  /** Reliability of an entry, 0 to 1. Only scored tables have it. */
  readonly reliability: Float32Array
  /** Time at which the reliability last changed, s. Only scored tables have it. */
  readonly outcomeAtS: Int32Array

  /** Time at which an entry last answered whatever it was asked, s. Only scored tables have it. */
  readonly seenAtS: Int32Array

  /** Until this time, nobody in a full cell has to be pinged, s. Only scored tables have it. */
  readonly quietUntilS: Int32Array

  /** Number of entries that a cell still has room for */
  readonly #room: Uint16Array
  /**
   * The bits for the nodes next to each owner. Most nodes that dial an owner are next to
   * it, and the tables themselves do not fit into the processor's cache.
   */
  readonly #near: Uint32Array
  readonly #firstCell: Uint32Array
  readonly #firstEntry: Uint32Array
  /** Capacity of each cell, for each implementation */
  readonly #capacities: Uint16Array[]

  constructor (population: Population, layout: TableLayout) {
    const { size } = population
    this.layout = layout
    this.implementations = Uint8Array.from({ length: size }, (_, node) => IMPLEMENTATIONS.indexOf(population.implementation(node)))
    this.#firstCell = new Uint32Array(size)
    this.#firstEntry = new Uint32Array(size)

    let cells = 0
    let entries = 0
    let scoredEntries = 0
    let scoredCells = 0

    // scored tables come first, because only they need all arrays
    for (const implementation of IMPLEMENTATIONS.toReversed()) {
      const index = IMPLEMENTATIONS.indexOf(implementation)

      for (let node = 0; node < size; node++) {
        if (this.implementations[node] === index) {
          this.#firstCell[node] = cells
          this.#firstEntry[node] = entries
          cells += layout.cells(implementation)
          entries += layout.entries(implementation)
        }
      }

      if (implementation === 'scored') {
        scoredEntries = entries
        scoredCells = cells
      }
    }

    this.#room = new Uint16Array(cells)
    this.#near = new Uint32Array(NEAR_WORDS * size)
    this.#capacities = IMPLEMENTATIONS.map(implementation => Uint16Array.from({ length: layout.cells(implementation) }, (_, cell) => layout.capacity(implementation, cell)))
    this.quietUntilS = new Int32Array(scoredCells).fill(NEVER_S)
    this.peer = new Uint32Array(entries)
    this.answeredAtS = new Int32Array(entries)
    this.dialledUsAtS = new Int32Array(entries)
    this.reliability = new Float32Array(scoredEntries)
    this.outcomeAtS = new Int32Array(scoredEntries)
    this.seenAtS = new Int32Array(scoredEntries)

    for (let node = 0; node < size; node++) {
      this.clear(node)
    }
  }

  implementation (owner: number): Implementation {
    return IMPLEMENTATIONS[this.implementations[owner]]
  }

  /** Whether all tables belong to one implementation */
  areAll (implementation: Implementation): boolean {
    return this.implementations.every(index => IMPLEMENTATIONS[index] === implementation)
  }

  /** The number of entries of a cell */
  count (owner: number, cell: number): number {
    return this.#capacities[this.implementations[owner]][cell] - this.#room[this.#firstCell[owner] + cell]
  }

  /** The position of a cell's first entry */
  start (owner: number, cell: number): number {
    return this.#firstEntry[owner] + this.layout.start(cell)
  }

  /** The position after a cell's last entry */
  end (owner: number, cell: number): number {
    return this.start(owner, cell) + this.count(owner, cell)
  }

  /** Whether a cell is full */
  isFull (owner: number, cell: number): boolean {
    return this.#room[this.#firstCell[owner] + cell] === 0
  }

  /** The number of a cell over all tables, for `quietUntilS` */
  cellNumber (owner: number, cell: number): number {
    return this.#firstCell[owner] + cell
  }

  /** The position of a peer in a cell, or -1 when the peer is not there */
  find (owner: number, cell: number, peer: number): number {
    const { peer: peers } = this
    const end = this.end(owner, cell)

    for (let i = this.start(owner, cell); i < end; i++) {
      if (peers[i] === peer) {
        return i
      }
    }

    return -1
  }

  /** Whether a peer is in a cell. Only for go-kad-dht's tables, where a peer is never in two cells. */
  has (owner: number, cell: number, peer: number): boolean {
    const bit = peer - owner + NEAR

    return bit >= 0 && bit < 2 * NEAR
      ? (this.#near[NEAR_WORDS * owner + (bit >> 5)] >>> (bit & 31) & 1) === 1
      : this.find(owner, cell, peer) !== -1
  }

  /**
   * Add a peer that has just answered, as the last entry of a cell that has room
   *
   * @param dialledUs - Whether the peer dialled the owner
   * @returns The position of the new entry
   */
  add (owner: number, cell: number, peer: number, nowS: number, dialledUs: boolean): number {
    const position = this.end(owner, cell)
    this.#room[this.#firstCell[owner] + cell]--
    this.peer[position] = peer
    this.answeredAtS[position] = nowS
    this.dialledUsAtS[position] = dialledUs ? nowS : NEVER_S
    this.#noteNear(owner, peer, true)

    return position
  }

  /** Remove an entry. The entries behind it move up. */
  remove (owner: number, cell: number, position: number): void {
    const end = this.end(owner, cell)

    this.#noteNear(owner, this.peer[position], false)
    this.peer.copyWithin(position, position + 1, end)
    this.answeredAtS.copyWithin(position, position + 1, end)
    this.dialledUsAtS.copyWithin(position, position + 1, end)

    if (position < this.reliability.length) {
      this.reliability.copyWithin(position, position + 1, end)
      this.outcomeAtS.copyWithin(position, position + 1, end)
      this.seenAtS.copyWithin(position, position + 1, end)
    }

    this.#room[this.#firstCell[owner] + cell]++
  }

  /** Empty a table */
  clear (owner: number): void {
    this.#room.set(this.#capacities[this.implementations[owner]], this.#firstCell[owner])
    this.#near.fill(0, NEAR_WORDS * owner, NEAR_WORDS * (owner + 1))
  }

  #noteNear (owner: number, peer: number, isHere: boolean): void {
    const bit = peer - owner + NEAR

    if (bit >= 0 && bit < 2 * NEAR) {
      const word = NEAR_WORDS * owner + (bit >> 5)
      const mask = 1 << (bit & 31)

      this.#near[word] = isHere ? this.#near[word] | mask : this.#near[word] & ~mask
    }
  }
}
