import { expect, test } from 'vitest'
import { ProvideQueue } from '../../../../../../benchmarks/simulator/clients/go/sweep/provide-queue.ts'
import { Region } from '../../../../../../src/publish/region.ts'
import type { BulkKey } from '../../../../../../benchmarks/simulator/clients/requests/bulk-key.ts'

function keyOf (byte: number): BulkKey {
  return { kadId: Uint8Array.of(byte), holders: [] }
}

function prefix (bits: string): Region {
  return new Region(Uint8Array.of(Number.parseInt(bits.padEnd(8, '0'), 2)), bits.length)
}

test('gives the prefix that came first, with the keys that were added to it later', () => {
  const queue = new ProvideQueue()
  const [a, b, c] = [0b0000_0001, 0b1000_0000, 0b0000_0010].map(keyOf)

  queue.add({ prefix: prefix('00'), keys: [a] })
  queue.add({ prefix: prefix('10'), keys: [b] })
  queue.add({ prefix: prefix('000'), keys: [c] })

  expect(queue.length).toBe(2)
  expect(queue.next()).toEqual({ prefix: prefix('00'), keys: [a, c] })
  expect(queue.next()).toEqual({ prefix: prefix('10'), keys: [b] })
  expect(queue.next()).toBeUndefined()
})

test('puts prefixes together that lie within a new one', () => {
  const queue = new ProvideQueue()
  const [a, b, c] = [0b0000_0001, 0b0100_0000, 0b0010_0000].map(keyOf)

  queue.add({ prefix: prefix('00'), keys: [a] })
  queue.add({ prefix: prefix('01'), keys: [b] })
  queue.add({ prefix: prefix('0'), keys: [c] })

  expect(queue.length).toBe(1)
  expect(queue.next()).toEqual({ prefix: prefix('0'), keys: [a, b, c] })
})

test('takes out what lies under a prefix, and leaves the rest', () => {
  const queue = new ProvideQueue()
  const [a, b, c] = [0b0000_0001, 0b0100_0000, 0b1000_0000].map(keyOf)

  queue.add({ prefix: prefix('0'), keys: [a, b] })
  queue.add({ prefix: prefix('1'), keys: [c] })

  expect(queue.take(prefix('01'))).toEqual([b])
  expect(queue.take(prefix('1'))).toEqual([c])
  expect(queue.next()).toEqual({ prefix: prefix('0'), keys: [a] })
  expect(queue.length).toBe(0)
})
