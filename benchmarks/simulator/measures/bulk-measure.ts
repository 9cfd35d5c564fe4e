import { closestAlive } from './closest-alive.ts'
import type { BulkKey, BulkTraffic } from '../clients/requests/bulk-key.ts'
import type { World } from '../world/world.ts'

/** About the size of a provider record with its key and two addresses, bytes */
const RECORD_BYTES = 100

/**
 * What a put of many keys has cost and brought
 */
export interface BulkFigures extends BulkTraffic {
  keys: number
  /** Of how many keys it is measured; the costs of the others are taken to be the same */
  measuredKeys: number
  /** Requests of lookups, records and questions */
  messages: number
  recordBytes: number
  /** From the beginning to the end, simulated, ms */
  timeMs: number
  /** Mean share of the k closest nodes alive when a key was done that hold its record, 0 to 1 */
  recall: number
  /** Mean number of nodes that hold a key's record */
  holders: number
  /** Keys on fewer than half of k nodes, and those on none */
  onFew: number
  onNone: number
  /** Keys of which the client itself says that they are not stored */
  failed: number
  /** Whether it came to its end */
  ended: boolean
}

/**
 * Measures a put of many keys
 */
export class BulkMeasure {
  readonly #world: World
  readonly #k: number
  readonly #keys: readonly BulkKey[]
  readonly #outcomes = new Map<BulkKey, { stored: boolean, recall: number }>()

  constructor (world: World, k: number, keys: readonly BulkKey[]) {
    this.#world = world
    this.#k = k
    this.#keys = keys
  }

  /** Number of keys that are done */
  get done (): number {
    return this.#outcomes.size
  }

  /** A key is done for now */
  onKey (key: BulkKey, stored: boolean, now: number): void {
    const { population } = this.#world
    const holders = new Set(key.holders)
    // liars count among the k closest, but nobody is expected to store with them
    const alive = closestAlive(this.#world, key.kadId, this.#k, now, now).filter(node => population.habit(node) !== 'lies')

    this.#outcomes.set(key, { stored, recall: alive.filter(node => holders.has(node)).length / Math.max(1, alive.length) })
  }

  /**
   * @param keys - Number of keys that the costs are for. With more than were put they are extrapolated.
   */
  figures (keys: number, { traffic, timeMs, ended }: { traffic: BulkTraffic, timeMs: number, ended: boolean }): BulkFigures {
    const factor = keys / this.#keys.length
    const scaled = (count: number): number => Math.round(count * factor)
    const holders = this.#keys.map(key => new Set(key.holders).size)
    const { lookups, lookupRequests, records, questions, sends, failedSends } = traffic

    return {
      keys,
      measuredKeys: this.#keys.length,
      lookups: scaled(lookups),
      lookupRequests: scaled(lookupRequests),
      records: scaled(records),
      questions: scaled(questions),
      sends: scaled(sends),
      failedSends: scaled(failedSends),
      messages: scaled(lookupRequests + records + questions),
      recordBytes: scaled(RECORD_BYTES * records),
      timeMs: timeMs * factor,
      recall: meanOf(this.#keys.map(key => this.#outcomes.get(key)?.recall ?? 0)),
      holders: meanOf(holders),
      onFew: scaled(holders.filter(count => count < this.#k / 2).length),
      onNone: scaled(holders.filter(count => count === 0).length),
      failed: scaled(this.#keys.filter(key => this.#outcomes.get(key)?.stored !== true).length),
      ended
    }
  }
}

function meanOf (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
