import { describe, expect, test } from 'vitest'
import { sharedBits } from '../../../../benchmarks/simulator/tables/key-index.ts'
import { rulesContext } from './rules-context.ts'
import type { SmallNode } from './small-world.ts'

const network = (gone: number[] = []): SmallNode[] => Array.from({ length: 256 }, (_, i) => ({ id: i, ...(gone.includes(i) ? { online: [[-200, -100]] as const } : {}) }))

describe('whom the lookups of refreshes meet', () => {
  test('makes random keys that share exactly so many bits', () => {
    const { walked } = rulesContext(network(), 2)

    for (const shared of [0, 1, 7, 30, 31]) {
      for (let i = 0; i < 50; i++) {
        expect(sharedBits(walked.keyAt(0xb3c4d5e6, shared), 0xb3c4d5e6)).toBe(shared)
      }
    }
  })

  test('finds the closest peers that can be dialled, in a small part of the keyspace', () => {
    const found = asked(found => rulesContext(network([161]), 3).walked.ask(0xa0000000, 5, found))

    expect(found).toEqual([160, 162, 163])
  })

  test('stays in the part of the keyspace that it is sent to, in a large one too, and ends around the key', () => {
    const found = asked(found => rulesContext(network(), 4).walked.ask(0xa0000000, 1, found))

    expect(found.length).toBeGreaterThan(4)
    expect(found.every(peer => peer >= 128)).toBe(true)
    expect(found.slice(-4).toSorted((a, b) => a - b)).toEqual([158, 159, 160, 161])
  })

  test('asks only every so many, on the way and around the key, where it is told to', () => {
    const found = asked(found => rulesContext(network(), 4).walked.ask(0xa0000000, 1, found, 8))

    expect(found).toHaveLength(4)
    expect(found.every(peer => peer >= 128)).toBe(true)
    expect(found.slice(-2)).toEqual([160, 159])
  })

  test('meets nobody who is offline', () => {
    const gone = Array.from({ length: 100 }, (_, i) => 100 + i)
    const found = asked(found => rulesContext(network(gone), 4).walked.ask(0xa0000000, 0, found))

    expect(found.length).toBeGreaterThan(4)
    expect(found.filter(peer => gone.includes(peer))).toEqual([])
  })

  test('finds the neighbours of a node', () => {
    const found = asked(found => rulesContext(network(), 3).walked.askNeighbours(64, found))

    expect(found).toEqual([64, 65, 66, 67])
  })
})

function asked (ask: (found: number[]) => number): number[] {
  const found: number[] = []
  const count = ask(found)

  return found.slice(0, count)
}
