import { beforeEach, describe, expect, test } from 'vitest'
import { PeerBook } from '../../../src/libp2p/peers/peer-book.ts'
import { PeerDialer } from '../../../src/libp2p/streams/peer-dialer.ts'
import { componentsOf } from '../components-of.ts'
import { farBehind } from '../far-behind.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { refusingAddress, silentPort } from '../silent-port.ts'
import { strangerId } from '../test-node.ts'
import type { Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The least time that an address has for a sign of life, ms */
const TURN_MS = 500

let node: Libp2p
let book: PeerBook
let dialer: PeerDialer
/** The addresses that were dialled, in order */
let dials: string[]
let mapper: (info: PeerInfo) => PeerInfo

beforeEach(async () => {
  const { node: created, components } = await componentsOf()
  node = created
  dials = []
  mapper = info => info
  const connectionManager: ConnectionManager = Object.create(components.connectionManager, {
    openConnection: {
      value: async (...args: Parameters<ConnectionManager['openConnection']>) => {
        dials.push(...[args[0]].flat().map(address => String(address).replace(/\/p2p\/\w+$/, '')))

        return components.connectionManager.openConnection(...args)
      }
    }
  })
  book = new PeerBook(components, { maxPeers: 100, keeps: () => true, peerInfoMapper: info => mapper(info), now: () => 0 })
  dialer = new PeerDialer({ connectionManager, peerStore: components.peerStore }, { book, connectDeadlineMs: () => TURN_MS })
})

/** The first ones are the more reliable */
async function knows (id: PeerId, ...multiaddrs: Multiaddr[]): Promise<void> {
  await book.restore(id.toString(), id.toMultihash().bytes, multiaddrs.map(({ bytes: multiaddr }, index) => ({ multiaddr, reliability: 0.9 - index / 10 })))
}

function isConnected (id: PeerId): boolean {
  return node.getConnections(id).length > 0
}

function reliabilityOf (id: PeerId, multiaddr: Multiaddr): number | undefined {
  return book.get(id.toString())?.addresses.find(address => address.multiaddr.equals(multiaddr))?.reliability
}

describe('a peer', () => {
  test('is dialled at the address that was most reliable, which is more reliable then', async () => {
    const peer = await scriptedPeer()
    const [address] = peer.node.getMultiaddrs().map(multiaddr => multiaddr.decapsulate('/p2p'))
    await knows(peer.peerId, address, await refusingAddress())
    await dialer.dial(peer.peerId)

    expect(isConnected(peer.peerId)).toBe(true)
    expect(dials).toEqual([address.toString()])
    expect(reliabilityOf(peer.peerId, address)).toBeGreaterThan(0.9)
  })

  test('whose first address refuses is dialled at the next one, and the first counts less', async () => {
    const peer = await scriptedPeer()
    const refuses = await refusingAddress()
    await knows(peer.peerId, refuses, ...peer.node.getMultiaddrs().map(multiaddr => multiaddr.decapsulate('/p2p')))
    await dialer.dial(peer.peerId)

    expect(isConnected(peer.peerId)).toBe(true)
    expect(dials).toHaveLength(2)
    expect(reliabilityOf(peer.peerId, refuses)).toBeLessThan(0.9)
  })

  test('whose first address is silent is dialled at the next one after its turn', async () => {
    const peer = await scriptedPeer()
    const silent = await silentPort()
    await knows(peer.peerId, silent.address, ...peer.node.getMultiaddrs().map(multiaddr => multiaddr.decapsulate('/p2p')))
    const startedAt = performance.now()
    await dialer.dial(peer.peerId)

    expect(isConnected(peer.peerId)).toBe(true)
    expect(performance.now() - startedAt).toBeGreaterThan(TURN_MS - 10)
    expect(reliabilityOf(peer.peerId, silent.address)).toBeLessThan(0.9)
  })

  test('of which no address is left is looked for in the peer store', async () => {
    const peer = await scriptedPeer()
    await knows(peer.peerId, await refusingAddress())
    await node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
    await dialer.dial(peer.peerId)

    expect(isConnected(peer.peerId)).toBe(true)
  })

  test('that nowhere answers fails with the error that says most', async () => {
    const id = await strangerId()
    await knows(id, await refusingAddress(), await refusingAddress())

    await expect(dialer.dial(id)).rejects.toThrow(/ECONNREFUSED/)
    expect(dials).toHaveLength(2)
  })

  test('of which no address is known is not dialled, which is no error', async () => {
    await dialer.dial(await strangerId())

    expect(dials).toEqual([])
  })

  test('whose addresses the mapper filters is not dialled, and the error says that it is ours', async () => {
    const peer = await scriptedPeer()
    await node.peerStore.merge(peer.peerId, { multiaddrs: peer.node.getMultiaddrs() })
    mapper = info => ({ ...info, multiaddrs: [] })

    await expect(dialer.dial(peer.peerId)).rejects.toMatchObject({ name: 'DialDeniedError' })
    expect(dials).toEqual([])
  })
})

describe('those who want the same peer', () => {
  test('share one dial, and its first sign of life', async () => {
    const peer = await scriptedPeer()
    await knows(peer.peerId, ...peer.node.getMultiaddrs())
    const reached: number[] = []
    await Promise.all([1, 2, 3].map(async n => dialer.dial(peer.peerId, {
      onProgress: ({ type }) => {
        if (type === 'upgrader:encrypt-outbound-connection') {
          reached.push(n)
        }
      }
    })))

    expect(dials).toHaveLength(1)
    expect(reached.sort()).toEqual([1, 2, 3])
  })

  test('share its failure where they came together', async () => {
    const id = await strangerId()
    await knows(id, await refusingAddress())
    const results = await Promise.allSettled([dialer.dial(id), dialer.dial(id)])

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(dials).toHaveLength(1)
  })

  test('keep the dial until the last one has given up, and the address is not blamed', async () => {
    const id = await strangerId()
    const silent = await silentPort()
    await knows(id, silent.address)
    const [first, second] = [new AbortController(), new AbortController()]
    const waiting = [first, second].map(({ signal }) => dialer.dial(id, { signal }).catch((err: Error) => err.message))
    await expect.poll(() => silent.open).toBe(1)
    first.abort(new Error('first'))
    expect(await waiting[0]).toBe('first')
    // a dial that was given up would be closed by then
    await new Promise(resolve => { setTimeout(resolve, 100) })
    expect(silent.open).toBe(1)

    second.abort(new Error('second'))
    expect(await waiting[1]).toBe('second')
    await expect.poll(() => silent.open).toBe(0)
    expect(dials).toHaveLength(1)
    expect(reliabilityOf(id, silent.address)).toBeCloseTo(0.9, 2)
  })

  test('are not even dialled for when their signal was aborted before', async () => {
    const peer = await scriptedPeer()
    await knows(peer.peerId, ...peer.node.getMultiaddrs())

    await expect(dialer.dial(peer.peerId, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(dials).toEqual([])
  })
})

describe('an address that is said to be of many peers', () => {
  test('has four dials at a time, and the others are told that they wait', async () => {
    const silent = await silentPort()
    const ids = await Promise.all(Array.from({ length: 6 }, strangerId))
    const held: boolean[] = []
    const controller = new AbortController()
    const waiting = ids.map(async id => {
      await book.learn({ id, multiaddrs: [silent.address] })
      await dialer.dial(id, { signal: controller.signal }, isHeld => { held.push(isHeld) }).catch(() => {})
    })
    await expect.poll(() => held).toEqual([true, true])
    expect(silent.mostOpen).toBeLessThanOrEqual(4)

    controller.abort()
    await Promise.all(waiting)
  })
})

describe('a host that is said to be of many peers', () => {
  test('which are far behind it: none gives way to another while its handshake takes as long as those before', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 15 }, async () => scriptedPeer()))
    const dial = async ({ peerId, node }: ScriptedPeer): Promise<void> => {
      await book.learn({ id: peerId, multiaddrs: [await farBehind(node.getMultiaddrs()[0], 150)] })
      await dialer.dial(peerId)
    }

    await dial(first)
    await Promise.all(others.map(dial))

    expect(others.map(({ peerId }) => isConnected(peerId))).toEqual(others.map(() => true))
  })
})
