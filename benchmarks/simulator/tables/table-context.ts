import type { KeyIndex } from './key-index.ts'
import type { Presence } from './presence.ts'
import type { TableEntries } from './table-entries.ts'
import type { WalkedPeers } from './walked-peers.ts'
import type { Random } from '../../random/random.ts'

/**
 * What the rules of the implementations work on
 */
export interface TableContext {
  entries: TableEntries
  index: KeyIndex
  presence: Presence
  walked: WalkedPeers
  k: number
  random: Random
  /** How long the connection of a peer that dialled stands, s */
  heldS: number
  /** One node dials another, which may take it into its table */
  dial (from: number, to: number, nowS: number): void
}

/**
 * The rules by which one implementation fills and clears its tables
 */
export interface TableRules {
  /** Time between two refreshes, s */
  readonly intervalS: number

  /**
   * The node does what it does by itself at intervals
   *
   * @param round - 0 when it just came online
   */
  refresh (owner: number, round: number, nowS: number): void

  /** The owner met a peer that answers some time ago, in a lookup of its own */
  met (owner: number, peer: number, nowS: number): void

  /** Another node dialled the owner */
  dialled (owner: number, from: number, nowS: number): void
}

/** Whether an entry of a table answers its owner: to a dial, or over the connection that it once made */
export function entryAnswers ({ entries, presence, heldS }: TableContext, position: number, nowS: number): boolean {
  const peer = entries.peer[position]

  return presence.answersDial(peer) || (presence.online[peer] === 1 && nowS - entries.dialledUsAtS[position] < heldS)
}
