import { peerIdFromString } from '@libp2p/peer-id'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { builtProgram, notBuilt } from '../../benchmarks/foreign/built-program.ts'
import { reservePort } from '../../benchmarks/testnet/servers/reserve-port.ts'
import { closestTo, GoNodes, multihashOf, peerAt, valueKey } from './go/go-nodes.ts'
import type { PeerAddress } from '../../benchmarks/foreign/peer-program.ts'

const SERVERS = 40
const K = 20
const VALUE = new TextEncoder().encode('a value')

const program = builtProgram('go-peers')

if (program === undefined) {
  console.warn(notBuilt('go-peers'))
}

describe.skipIf(program === undefined)('a client of go-libp2p-kad-dht', () => {
  let nodes: GoNodes
  let servers: PeerAddress[]

  beforeAll(async () => {
    nodes = new GoNodes()
    servers = await nodes.servers('server', SERVERS)
    await Promise.all(servers.map(async (_, index) => nodes.program.call('know', { name: `server ${index}`, peers: servers })))
  })

  afterAll(async () => { await nodes.program.kill() })

  test('finds the closest peers, and counts what it asked and dialled', async () => {
    const key = await multihashOf('closest')
    const dead = await peerAt('dead', `/ip4/127.0.0.1/tcp/${await reservePort()}`)

    await nodes.client('counting', [servers[0], dead], { links: [{ peer: dead.id, rttMs: 0, silent: false, dead: true }] })

    const { failed, found, traffic, timeMs, period, background } = await nodes.perform('counting', { operation: 'closest-peers', key })

    expect(failed).toBe(false)
    expect(found).toEqual(await closestTo(key, servers, K))
    expect(traffic.dials).toBeGreaterThan(K)
    expect(traffic.queries).toBeGreaterThanOrEqual(K)
    expect(traffic.unresponsive).toBe(1)
    expect(traffic.spentMs.dialling).toBeGreaterThan(0)
    expect(traffic.spentMs.waiting).toBeGreaterThan(0)
    expect(period.to - period.from).toBeCloseTo(timeMs, 0)
    expect(background.dials).toBe(0)
  })

  test('counts what it does between operations as background', async () => {
    await nodes.client('busy', [servers[0]])
    await nodes.perform('busy', { operation: 'closest-peers', key: await multihashOf('busy') })
    await nodes.program.call('dropConnections', { name: 'busy' })
    await nodes.program.call('connect', { name: 'busy', multiaddr: `${servers[1].multiaddrs[0]}/p2p/${servers[1].id}` })

    const { background } = await nodes.perform('busy', { operation: 'closest-peers', key: await multihashOf('busy') })

    expect(background.dials).toBeGreaterThanOrEqual(1)
  })

  test.each(['classic', 'optimistic', 'sweep'] as const)('that provides by way of %s has its record stored at the closest servers', async provide => {
    const name = `provider by ${provide}`
    const key = await multihashOf(name)
    const client = await nodes.client(name, servers, { provide })

    // the estimate of the network's size, by which optimistic providing decides, needs some lookups
    await nodes.program.call('refresh', { name })

    expect(await nodes.perform(name, { operation: 'provide', key })).toMatchObject({ failed: false })

    // records get no answer, so they may still be on their way
    await vi.waitFor(async () => {
      const holders = await holdersOf(key, client.id)

      if (provide === 'optimistic') {
        // it gives a record to whoever is close enough, so it may miss some of the closest
        const nearest = await closestTo(key, servers, K)

        expect(holders.filter(holder => nearest.includes(holder)).length).toBeGreaterThanOrEqual(K * 0.75)
      } else {
        expect(holders.sort()).toEqual((await closestTo(key, servers, K)).sort())
      }
    }, { timeout: 10_000 })

    await nodes.client(`finder of ${provide}`, [servers[0]])

    expect(await nodes.perform(`finder of ${provide}`, { operation: 'find-providers', key, providers: [client.id] })).toMatchObject({ failed: false, found: [client.id] })
    expect(await nodes.perform(`finder of ${provide}`, { operation: 'find-providers', key: await multihashOf('nothing') })).toMatchObject({ failed: true, reason: 'no provider was found' })
  })

  test('puts a value that others get', async () => {
    const key = valueKey('put')

    await nodes.client('putter', [servers[0]])
    await nodes.client('getter', [servers[1]])

    expect(await nodes.perform('putter', { operation: 'put-value', key, value: VALUE })).toMatchObject({ failed: false })
    expect(await nodes.perform('getter', { operation: 'get-value', key, value: VALUE })).toMatchObject({ failed: false, value: Buffer.from(VALUE).toString('base64') })
    expect(await nodes.perform('getter', { operation: 'get-value', key: valueKey('nothing') })).toMatchObject({ failed: true, reason: 'the value was not found' })
  })

  test('asks the network for a peer, even for one to which it is connected', async () => {
    const [known, target] = servers

    await nodes.client('seeker', [known])

    const key = peerIdFromString(target.id).toMultihash().bytes

    for (let i = 0; i < 2; i++) {
      const { failed, found, traffic } = await nodes.perform('seeker', { operation: 'find-peer', key })

      expect({ failed, found }).toEqual({ failed: false, found: [target.id] })
      expect(traffic.queries).toBeGreaterThanOrEqual(1)
    }
  })

  async function holdersOf (key: Uint8Array, provider: string): Promise<string[]> {
    const holds = await Promise.all(servers.map(async (_, index) => nodes.program.call('holdsProvider', { name: `server ${index}`, multihash: key, provider })))

    return servers.filter((_, index) => holds[index]).map(({ id }) => id)
  }
})
