import { describe, expect, test } from 'vitest'
import { fairShare } from '../../../src/libp2p/peers/fair-share.ts'

const firstLetter = (word: string): string => word[0]

describe('fairShare', () => {
  test('gives all of a short list', () => {
    expect(fairShare(['a1', 'a2', 'a3'], 3, firstLetter)).toEqual(['a1', 'a2', 'a3'])
  })

  test.each([
    { items: ['a1', 'a2', 'a3', 'a4', 'b1'], max: 3, kept: ['a1', 'a2', 'b1'] },
    { items: ['a1', 'b1', 'a2', 'c1', 'b2', 'a3'], max: 4, kept: ['a1', 'b1', 'a2', 'c1'] },
    { items: ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'], max: 4, kept: ['a1', 'a2', 'b1', 'b2'] },
    { items: ['a1', 'b1', 'c1', 'd1'], max: 2, kept: ['a1', 'b1'] },
    { items: ['a1', 'a2', 'a3'], max: 2, kept: ['a1', 'a2'] }
  ])('gives $max of $items as $kept', ({ items, max, kept }) => {
    expect(fairShare(items, max, firstLetter)).toEqual(kept)
  })
})
