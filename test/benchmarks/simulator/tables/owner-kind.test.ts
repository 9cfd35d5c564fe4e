import { describe, expect, test } from 'vitest'
import { OWNER_KINDS, dialableKind, implementationOf, ownerKind } from '../../../../benchmarks/simulator/tables/owner-kind.ts'
import { smallWorld } from './small-world.ts'

const { population } = smallWorld([
  { id: 0 },
  { id: 1, reach: 'unreachable' },
  { id: 2, reach: 'relayed' },
  { id: 3, implementation: 'scored' },
  { id: 4, implementation: 'scored', reach: 'unreachable' }
])
const kinds = Array.from({ length: population.size }, (_, node) => ownerKind(population, node))

describe('the kinds of owners of tables', () => {
  test('tell those apart that follow other rules or that nobody can dial', () => {
    expect(new Set(kinds).size).toBe(4)
    expect(kinds[2]).toBe(kinds[0])
    expect(Math.max(...kinds)).toBeLessThan(OWNER_KINDS)
  })

  test('know their rules, and who follows the same and can be dialled', () => {
    expect(kinds.map(implementationOf)).toEqual(['go-kad-dht', 'go-kad-dht', 'go-kad-dht', 'scored', 'scored'])
    expect(kinds.map(dialableKind)).toEqual([kinds[0], kinds[0], kinds[0], kinds[3], kinds[3]])
  })
})
