import { expect, test } from 'vitest'
import { RegionLookups } from '../../../../src/libp2p/publish/bulk/region-lookups.ts'
import { kadIdOf } from '../../../../src/libp2p/peers/kad-id-of.ts'
import { Region } from '../../../../src/publish/region.ts'
import { seededRandom } from '../../../../src/testing/seeded-random.ts'
import { K, publishingNetwork } from './publishing-network.ts'
import type { KadDHTInternals } from '../../../../src/kad-dht/internals.ts'

test('a place in the region is looked up, and the closest peers are given with their kad ids', async () => {
  const { network, dht } = await publishingNetwork(8)
  const { peerRouting } = dht as unknown as KadDHTInternals
  const lookups = new RegionLookups({ peerRouting, book: { get: () => undefined, add: async id => ({ kadId: await kadIdOf(id.toMultihash().bytes) }) as never }, random: seededRandom(5), now: () => performance.now() })
  const region = new Region(Uint8Array.of(0b10110000, ...new Uint8Array(31)), 6)
  const { at, closest } = await lookups.find(region, AbortSignal.timeout(10_000))
  const servers = await Promise.all(network.servers.map(async ({ peerId }) => ({ peer: peerId.toString(), kadId: await kadIdOf(peerId.toMultihash().bytes) })))
  const away = ({ kadId }: { kadId: Uint8Array }): string => kadId.map((byte, i) => byte ^ at[i]).toString().split(',').map(byte => byte.padStart(3, '0')).join()

  expect(region.contains(at)).toBe(true)
  expect(closest).toEqual(servers.toSorted((a, b) => away(a) < away(b) ? -1 : 1).slice(0, K))
})

test('an abort ends the search for a key', async () => {
  const lookups = new RegionLookups({ peerRouting: { getClosestPeers: () => { throw new Error('not to be called') } }, book: { get: () => undefined, add: async () => { throw new Error('not to be called') } }, random: seededRandom(6), now: () => performance.now() })
  const controller = new AbortController()
  const find = lookups.find(new Region(new Uint8Array(32), 200), controller.signal)
  setTimeout(() => { controller.abort(new Error('enough')) }, 50)

  await expect(find).rejects.toThrow('enough')
})
