import { KeyIndex } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { Presence } from '../../../../benchmarks/simulator/tables/presence.ts'
import { TableEntries } from '../../../../benchmarks/simulator/tables/table-entries.ts'
import { TableLayout } from '../../../../benchmarks/simulator/tables/table-layout.ts'
import { WalkedPeers } from '../../../../benchmarks/simulator/tables/walked-peers.ts'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { smallWorld } from './small-world.ts'
import type { SmallNode } from './small-world.ts'
import type { TableContext } from '../../../../benchmarks/simulator/tables/table-context.ts'

/**
 * What the rules of an implementation work on, in a world that a test spells out, as
 * of 0: nodes are dialled and that is noted
 */
export function rulesContext (nodes: readonly SmallNode[], k: number): TableContext & { dials: Array<[number, number]> } {
  const world = smallWorld(nodes)
  const index = new KeyIndex(world.population)
  const presence = new Presence(world)
  const random = new HashedRandom(1, 'rules')
  const dials: Array<[number, number]> = []
  let count = 0
  const next = (): number => random.word(count++)

  presence.look(0, () => {})

  return {
    entries: new TableEntries(world.population, new TableLayout(k, nodes.length)),
    index,
    presence,
    walked: new WalkedPeers({ index, presence, next, k }),
    k,
    random: () => next() / 2 ** 32,
    heldS: 180,
    dial: (from, to) => { dials.push([from, to]) },
    dials
  }
}

/** The entries of a cell, in their order */
export function peersOf ({ entries }: TableContext, owner: number, cell: number): number[] {
  return [...entries.peer.subarray(entries.start(owner, cell), entries.end(owner, cell))]
}
