import { expect, test } from 'vitest'
import { rememberedPeers } from '../../../benchmarks/micro/remembered-peers.ts'

test('starts with a store of named peers, whose addresses are all there', async () => {
  const { startMs } = await rememberedPeers(3, 300, 2)

  expect(startMs).toHaveLength(2)
  expect(Math.min(...startMs)).toBeGreaterThan(0)
})

test('a peer takes at most 750 bytes, so that 20,000 take 15 MB', async () => {
  const { bytesPerPeer } = await rememberedPeers(3, 20_000, 1)

  expect(bytesPerPeer).toBeGreaterThan(200)
  expect(bytesPerPeer).toBeLessThanOrEqual(750)
})
