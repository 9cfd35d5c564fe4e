import { expect, test } from 'vitest'
import { TraceHash } from '../../../benchmarks/simulator/trace-hash.ts'

test('is the same for the same numbers in the same order only', () => {
  expect(hashOf(1, 2.5, -3)).toBe(hashOf(1, 2.5, -3))
  expect(hashOf(1, -3, 2.5)).not.toBe(hashOf(1, 2.5, -3))
  expect(hashOf(1, 2.5)).not.toBe(hashOf(1, 2.5, 0))
  expect(hashOf(1, 2.5000000000000004)).not.toBe(hashOf(1, 2.5))
  expect(hashOf()).toMatch(/^[0-9a-f]{16}$/)
})

function hashOf (...values: number[]): string {
  const hash = new TraceHash()
  hash.add(...values)

  return hash.toString()
}
