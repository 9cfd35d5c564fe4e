import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** The DHT implementation of a node. It decides which peers the node's routing table admits, keeps and names. */
export const IMPLEMENTATIONS = ['go-kad-dht', 'kad-dht', 'scored'] as const
export type Implementation = typeof IMPLEMENTATIONS[number]

/**
 * Whether a node can be dialled by all others, only through a relay, or by nobody. Nodes
 * of all three kinds dial others and so become known.
 */
export type Reach = 'public' | 'relayed' | 'unreachable'

/**
 * How a dial fails when the node is offline. `refuses`: the port is closed, so the answer
 * comes at once. `silent`: nothing comes back. `stalls`: the connection is accepted, but
 * then nothing is said.
 */
export type Absence = 'refuses' | 'silent' | 'stalls'

/** A fault that a node has while it is online */
export type Habit = 'none' | 'slow' | 'lies'

/**
 * All nodes that are ever part of the network, online or not, with the properties that
 * never change. A node is its index, from 0. Nodes are sorted by kad id, so nodes with a
 * common prefix are next to each other. The data are held in typed arrays.
 */
export interface Population {
  readonly size: number

  /** Returns the same object each time */
  kadId (node: number): KadId

  /** The first 32 bits of the kad id as a number. They are enough for nearly every comparison. */
  head (node: number): number

  /** The node's region, as an index into `REGIONS` */
  region (node: number): number

  /** What the node's last mile adds to every round trip, ms */
  lastMileMs (node: number): number

  implementation (node: number): Implementation
  reach (node: number): Reach
  absence (node: number): Absence
  habit (node: number): Habit

  /**
   * The nodes whose kad ids have the same first bits as a key
   *
   * @returns The first of them, and the node after the last one
   */
  range (key: KadId, bits: number): { from: number, to: number }

  /**
   * The nodes closest to a target, by ascending XOR distance
   *
   * @param accept - Returns false for a node that is to be passed over
   */
  closest (target: KadId, n: number, accept?: (node: number) => boolean): number[]
}
