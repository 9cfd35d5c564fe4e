import { expect, test } from 'vitest'
import { WarmStart } from '../../src/upkeep/warm-start.ts'

test('dials the best first, so many at once, and the next one when one has ended', () => {
  const warmStart = new WarmStart<string>({ warmStartDialsAtOnce: 2 })

  expect(warmStart.begin(['a', 'b', 'c', 'd'])).toEqual(['a', 'b'])
  expect(warmStart.ended('b')).toEqual(['c'])
  expect(warmStart.ended('a')).toEqual(['d'])
  expect(warmStart.ended('c')).toEqual([])
})

test('dials nobody more after a stop, and begins anew after the next start', () => {
  const warmStart = new WarmStart<string>({ warmStartDialsAtOnce: 2 })
  warmStart.begin(['a', 'b', 'c'])
  warmStart.stop()

  expect(warmStart.ended('a')).toEqual([])
  expect(warmStart.begin(['d', 'e', 'f'])).toEqual(['d', 'e'])
})
