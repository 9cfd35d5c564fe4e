import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { sha256 } from 'multiformats/hashes/sha2'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import type { BookEntry } from '../../../src/libp2p/peers/book-entry.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

describe('PeerBook', () => {
  let book: PeerBook
  let kept: Set<string>
  let isDialable: (address: string) => Promise<boolean>
  let isAllowed: (address: Multiaddr) => boolean
  let id: PeerId
  let peer: string

  beforeEach(async () => {
    kept = new Set()
    isDialable = async () => true
    isAllowed = () => true
    book = new PeerBook({ connectionManager: { isDialable: async addresses => isDialable(String(addresses)) } }, { maxPeers: 3, maxUnpackedPeers: 1, keeps: handle => kept.has(handle), peerInfoMapper: info => ({ ...info, multiaddrs: info.multiaddrs.filter(isAllowed) }), now: () => 0 })
    id = await newId()
    peer = id.toString()
  })

  test('enters a peer with its place in the keyspace', async () => {
    const entry = await book.add(id)

    expect(entry).toMatchObject({ id, addresses: [] })
    expect(entry.kadId).toEqual((await sha256.digest(id.toMultihash().bytes)).digest)
    expect(book.get(peer)).toBe(entry)
  })

  test('keeps one entry of a peer that is entered many times at once', async () => {
    const entries = await Promise.all([1, 2, 3].map(async port => learn([tcp(port)])))

    expect(new Set(entries).size).toBe(1)
    expect(addressesOf(book, peer)).toEqual([1, 2, 3].map(port => tcp(port).toString()))
  })

  test('lets strangers go before those that have to stay', async () => {
    await book.add(id)
    kept.add(peer)

    const strangers = await Promise.all(Array.from({ length: 10 }, newId))

    for (const stranger of strangers) {
      await book.add(stranger)
    }

    expect(strangers.map(stranger => book.get(stranger.toString()) !== undefined)).toEqual([...Array(8).fill(false), true, true])
    expect(book.get(peer)?.id).toEqual(id)
  })

  test('takes a peer for relayed while all of its addresses lead through relays', async () => {
    const relay = `/ip4/1.2.3.4/tcp/1/p2p/${(await newId()).toString()}/p2p-circuit`

    expect((await book.add(id)).relayed).toBe(false)
    expect((await learn([multiaddr(`${relay}/p2p/${peer}`)])).relayed).toBe(true)
    expect((await learn([tcp(1)])).relayed).toBe(false)
  })

  test('keeps an address once, with and without the peer id', async () => {
    await learn([tcp(1), tcp(1).encapsulate(`/p2p/${peer}`), tcp(1)])

    expect(addressesOf(book, peer)).toEqual([tcp(1).toString()])
  })

  test('keeps the relay of an address through a relay', async () => {
    const relay = `/ip4/1.2.3.4/tcp/1/p2p/${(await newId()).toString()}/p2p-circuit`
    await learn([multiaddr(`${relay}/p2p/${peer}`)])

    expect(addressesOf(book, peer)).toEqual([relay])
  })

  test('keeps eight addresses of a peer that claims a thousand', async () => {
    await learn(Array.from({ length: 1000 }, (_, index) => tcp(index + 1)))

    expect(addressesOf(book, peer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(port => tcp(port).toString()))
  })

  test('a new address takes the place of the worst one that failed, and of none that works', async () => {
    await learn([1, 2, 3, 4, 5, 6, 7, 8].map(tcp))
    book.dialled(peer, tcp(3), false)
    ;[1, 2, 4, 5, 6, 7, 8].forEach(port => { book.dialled(peer, tcp(port), true) })
    await learn([tcp(9), tcp(10)])

    expect(addressesOf(book, peer)).toEqual([1, 2, 4, 5, 6, 7, 8, 9].map(port => tcp(port).toString()))
  })

  test('keeps the one address that we can dial, behind however many that we can not', async () => {
    isDialable = async address => !address.includes('udp')
    await learn([...Array.from({ length: 200 }, (_, port) => quic(port + 1)), tcp(1)])

    expect(addressesOf(book, peer)).toEqual([tcp(1).toString()])
  })

  test('keeps the one address that the mapper lets through, behind however many that it does not', async () => {
    isAllowed = address => address.toString().startsWith('/ip4/1.2')
    await learn([...Array.from({ length: 200 }, (_, port) => multiaddr(`/ip4/8.8.8.8/tcp/${port + 1}`)), tcp(1)])

    expect(addressesOf(book, peer)).toEqual([tcp(1).toString()])
  })

  test('keeps some of each kind, such as the only relay behind many others', async () => {
    const relay = `/ip4/1.2.3.4/tcp/1/p2p/${(await newId()).toString()}/p2p-circuit`
    await learn([...Array.from({ length: 200 }, (_, port) => tcp(port + 1)), multiaddr(relay)])

    expect(addressesOf(book, peer)).toEqual([...[1, 2, 3, 4, 5, 6, 7].map(port => tcp(port).toString()), relay])
  })

  test('an address that worked stays, whatever is named for its peer', async () => {
    await learn([tcp(1)])
    book.dialled(peer, tcp(1), true)

    for (let answer = 1; answer < 50; answer++) {
      await learn(Array.from({ length: 32 }, (_, index) => tcp(100 * answer + index)))
      book.dialled(peer, tcp(1), false)
    }

    expect(addressesOf(book, peer)).toHaveLength(8)
    expect(addressesOf(book, peer)).toContain(tcp(1).toString())
  })

  test('one answer does not take all places: what others name finds one, and what most name comes first', async () => {
    await learn(Array.from({ length: 32 }, (_, index) => tcp(100 + index)))
    await learn([tcp(1)])
    await learn([tcp(1), tcp(2)])

    expect(addressesOf(book, peer)).toHaveLength(8)
    expect(addressesOf(book, peer)?.[0]).toBe(tcp(1).toString())
    expect(addressesOf(book, peer)).toContain(tcp(2).toString())
  })

  test('an address that fails for good leaves when another works', async () => {
    await learn([tcp(1), tcp(2)])
    book.dialled(peer, tcp(1), true)

    for (let dials = 0; dials < 7; dials++) {
      book.dialled(peer, tcp(1), false)
    }

    expect(addressesOf(book, peer)).toContain(tcp(1).toString())
    book.dialled(peer, tcp(2), true)
    expect(addressesOf(book, peer)).toEqual([tcp(2).toString()])
  })

  test('a slow check of one address holds up no other', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    isDialable = async address => address.includes('dnsaddr') ? promise : true
    const { entry } = await book.learn({ id, multiaddrs: [multiaddr('/dnsaddr/example.com'), tcp(1)] })

    await vi.waitFor(() => { expect(addressesOf(book, peer)).toEqual([tcp(1).toString()]) })
    resolve(true)
    await Promise.all(entry.checking.values())
    expect(addressesOf(book, peer)).toEqual([tcp(1).toString(), '/dnsaddr/example.com'])
  })

  test('a check that throws is that of an address that we can not dial', async () => {
    isDialable = async address => { throw new Error(address) }
    await learn([tcp(1)])

    expect(addressesOf(book, peer)).toEqual([])
  })

  test('restored addresses that have worked stay, though we can not dial them now, and are not used', async () => {
    isDialable = async address => address.includes('/tcp/1')
    await restore([[tcp(1), 0.9], [quic(2), 0.9], [multiaddr('/dnsaddr/example.com'), 0.9]])
    const entry = await book.add(id)
    book.verify(entry)
    await Promise.all(entry.checking.values())

    expect(addressesOf(book, peer)).toEqual([tcp(1), quic(2), '/dnsaddr/example.com'].map(String))
    expect(entry.addresses.filter(({ checked }) => checked).map(({ multiaddr }) => multiaddr.toString())).toEqual([tcp(1).toString()])
  })

  test('orders addresses by what worked', async () => {
    await learn([1, 2, 3].map(tcp))
    book.dialled(peer, tcp(3).encapsulate(`/p2p/${peer}`), true)
    book.dialled(peer, tcp(1), false)

    expect(addressesOf(book, peer)).toEqual([3, 2, 1].map(port => tcp(port).toString()))

    for (let dials = 0; dials < 3; dials++) {
      book.dialled(peer, tcp(3), false)
    }

    expect(addressesOf(book, peer)).toEqual([2, 1, 3].map(port => tcp(port).toString()))
  })

  test('enters an address that worked though nobody named it', async () => {
    await learn([tcp(1)])
    book.dialled(peer, tcp(2), true)
    book.dialled(peer, tcp(3), false)

    expect(addressesOf(book, peer)).toEqual([2, 1].map(port => tcp(port).toString()))
  })

  test('restored addresses keep their reliability and order, and what is known already stays', async () => {
    await learn([tcp(1)])
    await restore([[tcp(2), 0.2], [tcp(3), 0.9], [tcp(1), 0]])

    expect(book.get(peer)?.addresses.map(({ multiaddr, reliability }) => [multiaddr.toString(), reliability])).toEqual([
      [tcp(3).toString(), expect.closeTo(0.9, 2)], [tcp(1).toString(), 0.5], [tcp(2).toString(), expect.closeTo(0.2, 2)]
    ])
  })

  test('keeps all that it knows of a peer that it has packed meanwhile', async () => {
    const entry = await learn([tcp(1), tcp(2)])
    book.dialled(peer, tcp(2), true)
    kept.add(peer)
    const before = entry.addresses.map(({ multiaddr, reliability, workedAt, named, naming, checked }) => ({ multiaddr: multiaddr.toString(), reliability: expect.closeTo(reliability, 2), workedAt, named, naming, checked }))
    await book.add(await newId())
    const after = book.get(peer)

    expect(after).not.toBe(entry)
    expect(after).toMatchObject({ kadId: entry.kadId, relayed: false })
    expect(after?.id.equals(id)).toBe(true)
    expect(after?.addresses.map(({ multiaddr, reliability, workedAt, named, naming, checked }) => ({ multiaddr: multiaddr.toString(), reliability, workedAt, named, naming, checked }))).toEqual(before)
  })

  test('packs no peer whose addresses are being checked', async () => {
    const checked = Promise.withResolvers<boolean>()
    isDialable = async () => checked.promise
    kept.add(peer)
    const { entry } = await book.learn({ id, multiaddrs: [tcp(1)] })
    await book.add(await newId())
    checked.resolve(true)
    await Promise.all(entry.checking.values())

    expect(addressesOf(book, peer)).toEqual([tcp(1).toString()])
  })

  test('asks the mapper again for the addresses of a stored or packed peer', async () => {
    isAllowed = address => !address.equals(tcp(1))
    await restore([[tcp(1), 0.9], [tcp(2), 0.9]])

    expect(addressesOf(book, peer)).toEqual([tcp(2).toString()])
  })

  test('has the addresses of a peer for a store, packed or not, without those that no node can dial', async () => {
    const address = { multiaddr: tcp(1).bytes, reliability: 0.5 }
    await learn([tcp(1)])
    expect(book.storedAddresses(peer)).toEqual([address])

    kept.add(peer)
    await book.add(await newId())
    expect(book.storedAddresses(peer)).toEqual([address])
    expect(book.storedAddresses((await newId()).toString())).toEqual([])
  })

  test('looks up a peer with an address that this release does not know', async () => {
    await book.restore(peer, id.toMultihash().bytes, [{ multiaddr: Uint8Array.of(0xff, 0xff, 1), reliability: 1 }, { multiaddr: tcp(1).bytes, reliability: 0.5 }])

    expect(book.storedAddresses(peer)).toHaveLength(2)
    expect(addressesOf(book, peer)).toEqual([tcp(1).toString()])
  })

  test('forgets the peer that nobody touched for longest', async () => {
    const ids = [id, await newId(), await newId(), await newId()]

    for (const one of ids) {
      await book.add(one)
      await book.add(ids[0])
    }

    expect(ids.map(one => book.get(one.toString()) !== undefined)).toEqual([true, false, true, true])
  })

  test('counts no dial of a peer that it does not know, and forgets when told to', async () => {
    book.dialled(peer, tcp(1), true)
    expect(book.get(peer)).toBeUndefined()

    await book.add(id)
    book.delete(peer)
    expect(book.get(peer)).toBeUndefined()
  })

  async function restore (addresses: Array<[multiaddr: Multiaddr, reliability: number]>): Promise<void> {
    await book.restore(peer, id.toMultihash().bytes, addresses.map(([{ bytes: multiaddr }, reliability]) => ({ multiaddr, reliability })))
  }

  async function learn (multiaddrs: Multiaddr[]): Promise<BookEntry> {
    const { entry } = await book.learn({ id, multiaddrs })
    await Promise.all(entry.checking.values())

    return entry
  }
})

function quic (port: number): Multiaddr {
  return multiaddr(`/ip4/1.2.3.4/udp/${port}/quic-v1`)
}

async function newId (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

function tcp (port: number): Multiaddr {
  return multiaddr(`/ip4/1.2.3.4/tcp/${port}`)
}

function addressesOf (book: PeerBook, peer: string): string[] | undefined {
  return book.get(peer)?.addresses.map(({ multiaddr }) => multiaddr.toString())
}
