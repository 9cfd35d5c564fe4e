import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { packEntry, packedAddresses, unpackEntry } from '../../../src/libp2p/peers/packed-entry.ts'
import { strangerId } from '../test-node.ts'
import type { PackedAddress } from '../../../src/libp2p/peers/packed-entry.ts'

const KAD_ID = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)

function address (text: string, more: Partial<PackedAddress> = {}): PackedAddress {
  return { multiaddr: multiaddr(text).bytes, reliability: 0.5, named: 1, naming: 7, workedAt: undefined, checked: false, ...more }
}

test('an entry comes back from its bytes, the most reliable address first', async () => {
  const id = await strangerId()
  const packed = packEntry(KAD_ID, [address('/ip4/1.2.3.4/tcp/1'), address('/dns4/example.com/tcp/2', { reliability: 1, named: 255, naming: 4_000_000_000, workedAt: 4_000_000_001, checked: true })])
  const entry = unpackEntry(id, packed, multiaddrs => multiaddrs)

  expect(entry).toMatchObject({ id, kadId: KAD_ID, relayed: false })
  expect(entry.addresses.map(({ multiaddr, ...rest }) => ({ multiaddr: multiaddr.toString(), ...rest }))).toEqual([
    { multiaddr: '/dns4/example.com/tcp/2', relayed: false, reliability: 1, named: 255, naming: 4_000_000_000, workedAt: 4_000_000_001, checked: true },
    { multiaddr: '/ip4/1.2.3.4/tcp/1', relayed: false, reliability: 0.5, named: 1, naming: 7, workedAt: undefined, checked: false }
  ])
})

test('an entry without addresses, or with one through a relay, is what it was', async () => {
  const [id, relay] = [await strangerId(), await strangerId()]
  const none = unpackEntry(id, packEntry(KAD_ID, []), multiaddrs => multiaddrs)
  const relayed = unpackEntry(id, packEntry(KAD_ID, [address(`/ip4/1.2.3.4/tcp/1/p2p/${relay}/p2p-circuit`)]), multiaddrs => multiaddrs)

  expect([none.addresses, none.relayed]).toEqual([[], false])
  expect([relayed.addresses.length, relayed.relayed]).toEqual([1, true])
})

test('an entry takes its bytes and no more, and a kilobyte at most, whatever others name', () => {
  const small = address('/ip4/1.2.3.4/tcp/1')
  const large = (length: number): PackedAddress => ({ ...small, multiaddr: new Uint8Array(length) })

  expect(packEntry(KAD_ID, [small, small])).toHaveLength(32 + 2 * (13 + 8))
  expect(packedAddresses(packEntry(KAD_ID, [large(70_000), small, large(500), large(500), small])).map(({ multiaddr }) => multiaddr.byteLength)).toEqual([8, 500, 8])
  expect(packEntry(KAD_ID, Array.from({ length: 8 }, () => large(512))).length).toBeLessThanOrEqual(1_024)
})

test('entries that are packed and unpacked in turn do not mix', () => {
  const one = packEntry(KAD_ID, [address('/ip4/1.2.3.4/tcp/1'), address('/ip4/1.2.3.4/tcp/2')])
  const addresses = packedAddresses(one)
  packedAddresses(packEntry(new Uint8Array(32), [address('/ip4/9.9.9.9/tcp/9')]))

  expect(addresses.map(({ multiaddr: bytes }) => multiaddr(bytes).toString())).toEqual(['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2'])
})
