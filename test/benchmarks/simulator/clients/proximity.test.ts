import { expect, test } from 'vitest'
import { Proximity } from '../../../../benchmarks/simulator/clients/proximity.ts'
import { headOf } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import { SmallNetwork } from './small-network.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** Of the last three, only what comes after 32 bits differs */
const KAD_IDS: KadId[] = [[0, 0, 0, 0, 0], [255, 255, 255, 255, 255], [128, 0, 0, 0, 7], [1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [1, 2, 3, 4, 255]]
  .map(bytes => Uint8Array.from(bytes))

test('compares by all bits, the last ones included', () => {
  const population = {
    ...new SmallNetwork().components.world.population,
    kadId: (node: number) => KAD_IDS[node],
    head: (node: number) => headOf(KAD_IDS[node])
  }

  for (const target of KAD_IDS) {
    const proximity = new Proximity(population, target)

    for (const [a, kadId] of KAD_IDS.entries()) {
      for (const [b, other] of KAD_IDS.entries()) {
        expect(Math.sign(proximity.compare(a, b))).toBe(Math.sign(compareDistance(target, kadId, other)))
      }
    }
  }
})
