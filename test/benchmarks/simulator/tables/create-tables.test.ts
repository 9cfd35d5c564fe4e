import { describe, expect, test } from 'vitest'
import { createTables } from '../../../../benchmarks/simulator/tables/create-tables.ts'
import { ExactTables } from '../../../../benchmarks/simulator/tables/exact-tables.ts'
import { SampledTables } from '../../../../benchmarks/simulator/tables/sampled-tables.ts'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { createWorld } from '../../../../benchmarks/simulator/world/create-world.ts'

const startMs = -1_800_000
const conditions = WORLD_CONDITIONS['amino-2022']
const small = { seed: 1, k: 20, nodes: 300, conditions, startMs }
const world = createWorld({ nodes: 300, seed: 1, conditions, startMs })

describe('making routing tables', () => {
  test('holds all tables of a small network, grown up to the time that is asked for', async () => {
    const tables = await createTables(world, { ...small, untilMs: -600_000 })

    expect(tables).toBeInstanceOf(ExactTables)
    expect(tables.now).toBe(-600_000)
  })

  test('draws those of a large network from what a smaller one of the same kind came to', async () => {
    let smallerNodes = 0
    const tables = await createTables(world, {
      ...small,
      exactUpTo: 100,
      smallerWorld: nodes => {
        smallerNodes = nodes

        return createWorld({ nodes, seed: 1, conditions, startMs })
      }
    })
    const node = world.population.closest(new Uint8Array(32), 1, peer => world.sessions.isOnline(peer, 0))[0]

    expect(tables).toBeInstanceOf(SampledTables)
    expect(smallerNodes).toBe(100)
    expect(tables.named(node, world.population.kadId(5), 20)).toHaveLength(20)
  })

  test('tells how far it is, up to the end', async () => {
    const told: Array<[number, number]> = []
    await createTables(world, { ...small, onProgress: (done, total) => { told.push([done, total]) } })

    expect(told.length).toBeGreaterThan(20)
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b))
    expect(told.at(-1)).toEqual([1_800_000, 1_800_000])
  })

  test('grows those that are drawn from until a later time, where it is told to', async () => {
    const told: Array<[number, number]> = []
    await createTables(world, {
      ...small,
      exactUpTo: 100,
      profiledMs: 600_000,
      smallerWorld: nodes => createWorld({ nodes, seed: 1, conditions, startMs }),
      onProgress: (done, total) => { told.push([done, total]) }
    })

    expect(told.at(-1)).toEqual([2_400_000, 2_400_000])
  })

  test('ends when it is aborted', async () => {
    const controller = new AbortController()
    const made = createTables(world, { ...small, signal: controller.signal, onProgress: () => { controller.abort(new Error('enough')) } })

    await expect(made).rejects.toThrow('enough')
  })
})
