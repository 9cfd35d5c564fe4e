/**
 * Routing tables whose entries can be read, to measure them
 */
export interface TableContents {
  readonly k: number

  /** The present time of the tables, ms */
  readonly now: number

  /**
   * The entries of a node's table, each peer once
   *
   * @returns `passedOver` is true for an entry that the owner holds for dead and does not name while there are others
   */
  entriesOf (node: number): Array<{ peer: number, passedOver: boolean }>
}
