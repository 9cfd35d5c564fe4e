import { describe, expect, test } from 'vitest'
import { KadDHTPath } from '../../../../../benchmarks/simulator/clients/kad-dht/kad-dht-path.ts'
import { Proximity } from '../../../../../benchmarks/simulator/clients/proximity.ts'
import { SmallNetwork } from '../small-network.ts'

/** Asks one after another; who names whom */
function walk (seeds: number[], names: Record<number, number[]>, seen: number[] = []): { asked: number[], ends: number } {
  const { clock, components: { world: { population } } } = new SmallNetwork()
  const asked: number[] = []
  let ends = 0

  new KadDHTPath({
    proximity: new Proximity(population, Uint8Array.of(0, 0, 0, 0)),
    seeds,
    k: 2,
    alpha: 1,
    seen: new Set(seen),
    ask: (node, onEnd) => {
      asked.push(node)
      clock.schedule(10, () => { onEnd(names[node]) })
    },
    onIdle: () => { ends++ }
  }).start()

  while (clock.step()) {
    // to the end
  }

  return { asked, ends }
}

describe('KadDHTPath', () => {
  test('asks the closest next', () => {
    expect(walk([40, 30, 20], { 40: [10], 30: [], 20: [], 10: [] })).toMatchObject({ asked: [40, 10, 20] })
  })

  test('passes over whoever cannot be among the k closest any more, queued or named', () => {
    expect(walk([4, 9, 30], { 4: [], 9: [5, 6], 5: [], 6: [] })).toEqual({ asked: [4, 9, 5], ends: 1 })
  })

  test('follows nobody who is not closer than who named it, and nobody whom a path has met', () => {
    expect(walk([20], { 20: [21, 10, 12], 10: [], 12: [] }, [12])).toEqual({ asked: [20, 10], ends: 1 })
  })

  test('ends when nobody answers', () => {
    expect(walk([20, 30], {})).toEqual({ asked: [20, 30], ends: 1 })
  })
})
