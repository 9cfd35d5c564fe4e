/**
 * Routing tables that can be looked into, to be measured
 */
export interface TableContents {
  readonly k: number

  /** The time that the tables are of, ms */
  readonly now: number

  /**
   * What is in a node's table, each peer once
   *
   * @returns `passedOver`: known to be dead, and so not named while there are others
   */
  entriesOf (node: number): Array<{ peer: number, passedOver: boolean }>
}
