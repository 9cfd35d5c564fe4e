import type { Scene } from '../scenes/scene.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** The attacks that the model has. */
export const ATTACKS = ['answers-first', 'inventions'] as const
export type AttackName = typeof ATTACKS[number]

/**
 * A key that is searched for
 */
export interface AttackedKey {
  key: KadId
  /** Number of the key, from 0 */
  index: number
  /** When it is searched for, ms */
  dueAtMs: number
  /** When every search for it is over, ms */
  untilMs: number
}

/**
 * What an attacker does to the network. All clients meet the same attack, whatever arm they
 * are of, and none of them changes what another one meets.
 */
export interface Attack {
  /** The network and its tables, as the clients meet them. The nodes among themselves are not attacked. */
  readonly scene: Scene

  /** Nodes of the attacker that every client is told of when it starts */
  readonly known: readonly number[]

  /** A key will be searched for. The attacker hears of it when its record is published, once and before anybody asks. */
  besiege (attacked: AttackedKey): void

  /** Whether a node is hostile to those who look for a key. Such a node holds no record, and need not be found. */
  isHostile (node: number, key: KadId): boolean

  /** Whether a node exists, online or not. The attacker may have made it up. */
  exists (node: number): boolean
}

/**
 * What an attack is made from
 */
export interface AttackInit {
  scene: Scene
  seed: number
  /** Number of peers that a record is stored with */
  k: number
  /** The time for which the operations of the run go on, ms */
  duringMs: { from: number, to: number }
  /** Share of the nodes in question that are hostile, 0 to 1. Which nodes are in question depends on the attack. */
  share: number | undefined
}
