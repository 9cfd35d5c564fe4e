import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** Which DHT a node runs: it decides whom its routing table admits, keeps and names */
export const IMPLEMENTATIONS = ['go-kad-dht', 'kad-dht', 'scored'] as const
export type Implementation = typeof IMPLEMENTATIONS[number]

/**
 * Whether a node can be dialled: by everybody, through a relay only, or by nobody.
 * All of them dial others, and so become known.
 */
export type Reach = 'public' | 'relayed' | 'unreachable'

/**
 * How a dial fails when there is nobody: the port is closed, so that the answer
 * comes at once; nothing ever comes; or something accepts and then says nothing.
 */
export type Absence = 'refuses' | 'silent' | 'stalls'

/** What is wrong with a node while it is online */
export type Habit = 'none' | 'slow' | 'lies'

/**
 * Everybody who is ever part of the network, online or not, and what stays true of
 * them. A node is its index, from 0: nodes are sorted by their kad ids, so that those
 * with a common prefix are neighbours. Held in typed arrays.
 */
export interface Population {
  readonly size: number

  /** The same object each time */
  kadId (node: number): KadId

  /** The first 32 bits of the kad id as a number: they decide nearly every comparison */
  head (node: number): number

  /** Index into the regions of the round trip times */
  region (node: number): number

  /** What the node's last mile adds to every round trip, ms */
  lastMileMs (node: number): number

  implementation (node: number): Implementation
  reach (node: number): Reach
  absence (node: number): Absence
  habit (node: number): Habit

  /**
   * The nodes whose kad ids share the first bits with a key
   *
   * @returns The first of them, and the one after the last
   */
  range (key: KadId, bits: number): { from: number, to: number }

  /**
   * The nodes closest to a target by ascending XOR distance
   *
   * @param accept - Passes over those it returns false for
   */
  closest (target: KadId, n: number, accept?: (node: number) => boolean): number[]
}
