import type { ChangingTables } from '../tables/changing-tables.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/**
 * Routing tables whose hostile owners do not name what is in them
 */
export class AttackedTables implements ChangingTables {
  readonly #tables: ChangingTables
  readonly #lie: (node: number, target: KadId) => number[] | undefined

  /**
   * @param lie - What a node names instead of the entries of its table; undefined when it names those
   */
  constructor (tables: ChangingTables, lie: (node: number, target: KadId) => number[] | undefined) {
    this.#tables = tables
    this.#lie = lie
  }

  get k (): number {
    return this.#tables.k
  }

  get now (): number {
    return this.#tables.now
  }

  advance (now: number): void {
    this.#tables.advance(now)
  }

  named (node: number, target: KadId, n: number): number[] {
    return this.#lie(node, target) ?? this.#tables.named(node, target, n)
  }

  entriesOf (node: number): Array<{ peer: number, passedOver: boolean }> {
    return this.#tables.entriesOf(node)
  }
}
