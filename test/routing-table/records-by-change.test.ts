import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordsByChange } from '../../src/routing-table/records-by-change.ts'

test('is in the order of the last change', () => {
  const records = new RecordsByChange<string, number>()
  records.set('a', 1)
  records.set('b', 2)
  records.set('a', 3)

  expect([...records.entries()]).toEqual([['b', 2], ['a', 3]])
  expect([records.size, records.has('b'), records.get('b'), records.get('c')]).toEqual([2, true, 2, undefined])
  expect([records.delete('b'), records.delete('b'), [...records.values()]]).toEqual([true, false, [3]])
})

test('has the stalest key at hand, whatever has happened', () => {
  const step = fc.record({ key: fc.nat(20), does: fc.constantFrom('set', 'set', 'set', 'delete', 'evict') })

  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), steps => {
    const records = new RecordsByChange<number, number>()

    for (const { key, does } of steps) {
      if (does === 'set') {
        records.set(key, key)
      } else if (does === 'delete') {
        records.delete(key)
      } else if (records.size > 0) {
        const [[oldest]] = records.entries()

        expect(records.stalest()).toBe(oldest)
        records.delete(oldest)
      }
    }
  }))
})
