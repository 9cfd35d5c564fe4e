import { headOf } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import type { Absence, Habit, Implementation, Reach } from '../../../../benchmarks/simulator/world/population.ts'
import type { World } from '../../../../benchmarks/simulator/world/world.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/**
 * A node of a world that a test spells out
 */
export interface SmallNode {
  /** The first bytes of its kad id, the first 8 bits if it is a number */
  id: number | KadId
  implementation?: Implementation
  reach?: Reach
  absence?: Absence
  habit?: Habit
  /** When it is online, ms: from, to @default always */
  online?: ReadonlyArray<readonly [number, number]>
}

const ALWAYS = [[-Infinity, Infinity]] as const

/**
 * A world of a few nodes, given in the order of their kad ids
 */
export function smallWorld (nodes: readonly SmallNode[]): World {
  const kadIds = nodes.map(({ id }) => typeof id === 'number' ? Uint8Array.of(id, 0, 0, 0) : id)
  const sessionsOf = (node: number): ReadonlyArray<readonly [number, number]> => nodes[node].online ?? ALWAYS

  return {
    population: {
      size: nodes.length,
      kadId: node => kadIds[node],
      head: node => headOf(kadIds[node]),
      region: () => 0,
      lastMileMs: () => 0,
      implementation: node => nodes[node].implementation ?? 'go-kad-dht',
      reach: node => nodes[node].reach ?? 'public',
      absence: node => nodes[node].absence ?? 'refuses',
      habit: node => nodes[node].habit ?? 'none',
      range: () => { throw new Error('not needed') },
      closest: (target, n, accept = () => true) => kadIds
        .map((_, node) => node)
        .filter(accept)
        .sort((a, b) => compareDistance(target, kadIds[a], kadIds[b]))
        .slice(0, n)
    },
    sessions: {
      isOnline: (node, now) => sessionsOf(node).some(([from, to]) => now >= from && now < to),
      since: (node, now) => Math.max(...sessionsOf(node).flat().filter(change => change <= now))
    },
    network: {
      rttMs: () => 100,
      heldMs: () => Infinity,
      request: () => { throw new Error('not needed') }
    }
  }
}
