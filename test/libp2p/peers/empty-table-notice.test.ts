import { removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { EmptyTableNotice } from '../../../src/libp2p/peers/empty-table-notice.ts'
import { TestNetwork, waitForTable } from '../../conformance/test-network.ts'
import { errorsTo } from '../errors-to.ts'
import { hurriedTimers } from '../hurried-timers.ts'
import { scored, strangerId } from '../test-node.ts'
import type { PeerInfo } from '@libp2p/interface'

const KEY = new TextEncoder().encode('/test/key')

const REMEDY = 'On a LAN, or on one machine, each node needs peerInfoMapper: passthroughMapper, and those that are to answer clientMode: false'

/** kad-dht's own defaults, and those of the README */
const DEFAULTS = { peerInfoMapper: removePrivateAddressesMapper, clientMode: undefined }

describe('a node on one machine', () => {
  test('is told once that the default mapper lets none of its servers through', async () => {
    const { network, errors } = testNetwork()
    const node = await network.createNode(DEFAULTS, { logger: errorsTo(errors) })
    const servers = await Promise.all([1, 2].map(async () => network.createNode({ clientMode: false })))

    for (const server of servers) {
      await node.dial(server.getMultiaddrs())
    }

    await vi.waitFor(() => { expect(noticesIn(errors)).toHaveLength(1) }, { timeout: 5_000 })
    expect(noticesIn(errors)[0]).toMatch(/^the routing table is empty, and peerInfoMapper lets none of the addresses of \w+ through \(\/ip4\/127\.0\.0\.1\/tcp\/\d+\)\. /)
  })

  test('with nobody but clients about is told why its query waits', async () => {
    hurriedTimers(10_000, { to: 500 })
    const { network, errors } = testNetwork()
    const node = await network.createNode(DEFAULTS, { logger: errorsTo(errors) })
    const other = await network.createNode(DEFAULTS)
    await node.dial(other.getMultiaddrs())
    await expect(all(node.services.dht.getClosestPeers(KEY, { signal: AbortSignal.timeout(2_000) }))).rejects.toThrow()

    expect(noticesIn(errors)).toEqual([`a query has waited 10 seconds for a first peer in the routing table; connections: 1. ${REMEDY}`])
  })

  test('with the two options that a LAN needs is told nothing, and its query ends', async () => {
    const { network, errors } = testNetwork()
    const node = await network.createNode({ clientMode: false }, { logger: errorsTo(errors) })
    const other = await network.createNode({ clientMode: false })
    await node.dial(other.getMultiaddrs())
    await waitForTable(node, 1)

    expect(await all(node.services.dht.getClosestPeers(KEY))).not.toEqual([])
    expect(noticesIn(errors)).toEqual([])
  })
})

describe('a notice', () => {
  let tableSize: number
  let lines: string[]
  let notice: EmptyTableNotice
  let info: PeerInfo

  beforeEach(async () => {
    info = { id: await strangerId(), multiaddrs: [multiaddr('/ip4/10.0.0.1/tcp/4001')] }
    vi.useFakeTimers()
    tableSize = 0
    lines = []
    notice = new EmptyTableNotice({ tableSize: () => tableSize, connections: () => 3, now: Date.now, log: errorsTo(lines).forComponent('test') })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  test('of addresses comes once in ten minutes', () => {
    for (const atMs of [0, 1_000, 599_999]) {
      vi.setSystemTime(atMs)
      notice.filtered(info)
    }

    expect(lines).toEqual([`the routing table is empty, and peerInfoMapper lets none of the addresses of ${info.id} through (/ip4/10.0.0.1/tcp/4001). ${REMEDY}`])
    vi.setSystemTime(600_000)
    notice.filtered(info)
    expect(lines).toHaveLength(2)
  })

  test('of addresses does not come where others got through, or there was none', () => {
    notice.filtered({ ...info, multiaddrs: [] })
    tableSize = 1
    notice.filtered(info)

    expect(lines).toEqual([])
  })

  test('of waiting comes once for many queries, and not for one that ends in time', () => {
    notice.waits()()
    Array.from({ length: 5 }, () => notice.waits())
    vi.advanceTimersByTime(9_999)
    expect(lines).toEqual([])
    vi.advanceTimersByTime(1)
    expect(lines).toEqual([`a query has waited 10 seconds for a first peer in the routing table; connections: 3. ${REMEDY}`])
  })
})

function testNetwork (): { network: TestNetwork, errors: string[] } {
  const network = new TestNetwork(scored())
  onTestFinished(async () => { await network.stop() })

  return { network, errors: [] }
}

function noticesIn (errors: string[]): string[] {
  return errors.filter(line => line.includes(REMEDY))
}
