import { expect, test } from 'vitest'
import { pingTimeoutMs } from '../../src/upkeep/ping-timeout-ms.ts'

test.each([
  [0.9, [1_000], 900],
  [0.9, [400, 300, 500], 270],
  [0.5, [333], 166],
  [1, [200], 200]
])('a ping that has a share of %d of the shortest of %j ms takes %i ms at most', (pingTimeoutShare, mins, timeoutMs) => {
  expect(pingTimeoutMs({ pingTimeoutShare }, mins.map(minMs => ({ minMs, maxMs: 60_000 })))).toBe(timeoutMs)
})
