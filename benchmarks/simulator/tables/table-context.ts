import type { KeyIndex } from './key-index.ts'
import type { Presence } from './presence.ts'
import type { TableEntries } from './table-entries.ts'
import type { WalkedPeers } from './walked-peers.ts'
import type { Random } from '../../random/random.ts'

/**
 * The data that the rules of all implementations work on
 */
export interface TableContext {
  entries: TableEntries
  index: KeyIndex
  presence: Presence
  walked: WalkedPeers
  k: number
  random: Random
  /** How long an incoming connection stays open, s */
  heldS: number
  /** One node dials another one, which may then take it into its table */
  dial (from: number, to: number, nowS: number): void
}

/**
 * The rules by which one implementation adds and removes entries
 */
export interface TableRules {
  /** Time between two refreshes, s */
  readonly intervalS: number

  /**
   * The node does what it does by itself at each interval
   *
   * @param round - 0 when the node has just come online
   */
  refresh (owner: number, round: number, nowS: number): void

  /** In a lookup, the owner met a peer that answers */
  met (owner: number, peer: number, nowS: number): void

  /** Another node dialled the owner */
  dialled (owner: number, from: number, nowS: number): void
}

/** Whether an entry answers its owner: because it can be dialled, or over the connection that the entry itself once made */
export function entryAnswers ({ entries, presence, heldS }: TableContext, position: number, nowS: number): boolean {
  const peer = entries.peer[position]

  return presence.answersDial(peer) || (presence.online[peer] === 1 && nowS - entries.dialledUsAtS[position] < heldS)
}
