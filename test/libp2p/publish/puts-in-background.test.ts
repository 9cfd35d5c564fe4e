import { expect, test } from 'vitest'
import { PutsInBackground } from '../../../src/libp2p/publish/puts-in-background.ts'

test('sixteen puts go on without their callers, and another when one has ended', () => {
  const puts = new PutsInBackground()

  expect(Array.from({ length: 18 }, () => puts.enter())).toEqual([...new Array(16).fill(true), false, false])
  puts.leave()
  expect([puts.enter(), puts.enter()]).toEqual([true, false])
})
