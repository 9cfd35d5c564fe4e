import { expect, test } from 'vitest'
import { likeliest } from '../../src/routing-table/likeliest.ts'

const CHANCES = new Map<string, number | undefined>([['a', 0.71], ['b', 0.95], ['c', undefined], ['d', 0.79], ['e', 0.9]])

test.each<[n: number, expected: string]>([
  [0, ''],
  [1, 'b'],
  [2, 'be'],
  // in tenths, a is as likely as d, and comes first
  [3, 'abe'],
  [4, 'abde'],
  [5, 'abcde'],
  [9, 'abcde']
])('the %d likeliest, in the order given', (n, expected) => {
  expect(likeliest([...CHANCES.keys()], n, peer => CHANCES.get(peer)).join('')).toBe(expected)
})
