import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { builtProgram, notBuilt } from '../../benchmarks/foreign/built-program.ts'
import { latencyTransport } from '../../benchmarks/testnet/links/latency-transport.ts'
import { reservePort } from '../../benchmarks/testnet/servers/reserve-port.ts'
import { closestTo, GoNodes, multihashOf, NOWHERE, peerAt, valueKey } from './go/go-nodes.ts'
import type { Link, PeerAddress } from '../../benchmarks/foreign/peer-program.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

type Transports = NonNullable<Libp2pOptions['transports']>

const RTT_MS = 300
const VALUE = new TextEncoder().encode('a value')

const program = builtProgram('go-peers')

if (program === undefined) {
  console.warn(notBuilt('go-peers'))
}

describe.skipIf(program === undefined)('the Go program', () => {
  let nodes: GoNodes

  beforeAll(() => { nodes = new GoNodes() })
  afterAll(async () => { await nodes.program.kill() })

  test('starts 200 servers within seconds', async () => {
    const from = performance.now()
    const servers = await nodes.servers('crowd', 200)

    expect(new Set(servers.flatMap(({ multiaddrs }) => multiaddrs)).size).toBe(200)
    expect(performance.now() - from).toBeLessThan(10_000)

    await Promise.all(servers.map(async (_, index) => nodes.program.call('stopNode', { name: `crowd ${index}` })))
  })

  test('answers what is wrong with a command in one line, ignores lines that are none, and ends with its input', async () => {
    const { answers, complaints, exitCode } = await runLines([
      'no command',
      '{ "id": 1, "command": "unheard of", "argument": {} }',
      '{ "id": 2, "command": "startNode", "argument": { "name": 5 } }',
      '{ "id": 3, "command": "startNode", "argument": { "name": "keyless", "privateKey": "AAAA" } }',
      '{ "id": 4, "command": "table", "argument": { "name": "nobody" } }'
    ])

    expect(answers).toHaveLength(4)
    expect(answers).toEqual(expect.arrayContaining([1, 2, 3, 4].map(id => ({ id, error: expect.stringMatching(/^[^\n]+$/) }))))
    expect(complaints).toBe('ignored a line that is no command\n')
    expect(exitCode).toBe(0)
  })

  describe('over long links', () => {
    test('a refused dial takes one round trip, one that is answered the round trips of TCP, noise and its negotiation, and a request one more', async () => {
      const server = await nodes.server('distant')
      const refusing = await peerAt('refusing', `/ip4/127.0.0.1/tcp/${await reservePort()}`)

      await nodes.client('of the refusing', [refusing], { links: [linkTo(refusing)] })
      await nodes.client('of the distant', [server], { links: [linkTo(server)] })

      const refused = await nodes.perform('of the refusing', { operation: 'closest-peers', key: await multihashOf('refused') })
      const first = await nodes.perform('of the distant', { operation: 'closest-peers', key: await multihashOf('first') })
      const second = await nodes.perform('of the distant', { operation: 'closest-peers', key: await multihashOf('second') })

      expect(refused).toMatchObject({ failed: true, traffic: { dials: 1, queries: 0, unresponsive: 1 } })
      expectRoundTrips(refused.traffic.spentMs.wasted, 1)
      expect(first).toMatchObject({ failed: false, found: [server.id], traffic: { dials: 1, queries: 1, unresponsive: 0 } })
      expectRoundTrips(first.traffic.spentMs.dialling, 3)
      expect(second).toMatchObject({ failed: false, found: [server.id], traffic: { dials: 0, queries: 1, unresponsive: 0 } })
      expectRoundTrips(second.traffic.spentMs.waiting, 1)
    })

    test('a server with a round trip time makes any client see what a long link would', async () => {
      const near = await nodes.server('near')
      const far = await nodes.server('far', { rttMs: RTT_MS })
      const byItself = await startClient(tcp())
      const byLink = await startClient(latencyTransport({ rttMs: () => RTT_MS, isSilent: () => false }))

      expectRoundTrips(await dialMs(byItself, near), 0)
      expectRoundTrips(await dialMs(byLink, near), 3)
      expectRoundTrips(await dialMs(byItself, far), 3)
    })

    test('a silent peer never connects', async () => {
      const server = await nodes.server('silent')

      await nodes.client('of the silent', [server], { links: [{ ...linkTo(server), silent: true, dead: true }] })

      const performance = await nodes.perform('of the silent', { operation: 'closest-peers', key: await multihashOf('silence') }, 1000)

      expect(performance).toMatchObject({ failed: true, reason: 'nothing within 1000 ms', timeMs: 1000, traffic: { dials: 1, queries: 0, unresponsive: 1 } })
      expect(performance.traffic.spentMs.wasted).toBeGreaterThan(900)

      // the same peer answers when the link is there again
      await nodes.program.call('setLinks', { name: 'of the silent', links: [] })
      await vi.waitFor(async () => {
        expect(await nodes.perform('of the silent', { operation: 'closest-peers', key: await multihashOf('silence') }, 1000)).toMatchObject({ failed: false })
      }, { timeout: 20_000 })
    })
  })

  describe('as a server', () => {
    test('that is slow waits before each answer', async () => {
      const server = await nodes.server('slow')

      await nodes.client('of the slow', [server])
      await nodes.program.call('setHabits', { name: 'slow', habits: { slowMs: { min: 300, max: 400 } } })

      const { timeMs } = await nodes.perform('of the slow', { operation: 'closest-peers', key: await multihashOf('slow') })

      expect(timeMs).toBeGreaterThan(300)
      expect(timeMs).toBeLessThan(1000)

      await nodes.program.call('setHabits', { name: 'slow', habits: {} })

      expect((await nodes.perform('of the slow', { operation: 'closest-peers', key: await multihashOf('slow') })).timeMs).toBeLessThan(300)
    })

    test('that lies names the k closest of the peers that it is given, and stores nothing', async () => {
      const named = await nodes.servers('named', 6)
      const liar = await nodes.server('liar', { k: 3 })
      const key = await multihashOf('lie')

      await nodes.client('of the liar', [liar])

      expect((await nodes.perform('of the liar', { operation: 'closest-peers', key })).found).toEqual([liar.id])

      await nodes.program.call('setHabits', { name: 'liar', habits: { names: named } })

      const lied = await nodes.perform('of the liar', { operation: 'closest-peers', key })
      const put = await nodes.perform('of the liar', { operation: 'put-value', key: valueKey('lie'), value: VALUE })

      expect(lied.found).toHaveLength(4)
      expect(lied.found).toEqual(expect.arrayContaining([liar.id, ...await closestTo(key, named, 3)]))
      expect(put.failed).toBe(false)
      expect(await nodes.program.call('holdsValue', { name: 'liar', key: valueKey('lie') })).toBe(false)
    })

    test('has its records when it is started again on the same port', async () => {
      const provider = await peerAt('provider', NOWHERE)
      const key = await multihashOf('kept')
      const { multiaddrs } = await nodes.server('keeper')

      await nodes.program.call('storeValue', { name: 'keeper', key: valueKey('kept'), value: VALUE })
      await nodes.program.call('storeProvider', { name: 'keeper', multihash: key, provider })
      await nodes.program.call('stopNode', { name: 'keeper' })

      await expect(nodes.program.call('table', { name: 'keeper' })).rejects.toThrow('there is no node "keeper"')

      const keeper = await nodes.server('keeper', { listen: multiaddrs })

      expect(keeper.multiaddrs).toEqual(multiaddrs)
      expect(await nodes.program.call('holdsValue', { name: 'keeper', key: valueKey('kept') })).toBe(true)
      expect(await nodes.program.call('holdsProvider', { name: 'keeper', multihash: key, provider: provider.id })).toBe(true)

      await nodes.client('of the keeper', [keeper])

      expect(await nodes.perform('of the keeper', { operation: 'get-value', key: valueKey('kept'), value: VALUE })).toMatchObject({ failed: false, value: Buffer.from(VALUE).toString('base64') })
      expect(await nodes.perform('of the keeper', { operation: 'find-providers', key, providers: [provider.id] })).toMatchObject({ failed: false, found: [provider.id] })
    })

    test('without refreshes looks nothing up, even when it hears of a peer, and its table keeps the dead', async () => {
      const dead = await peerAt('dead', `/ip4/127.0.0.1/tcp/${await reservePort()}`)
      const server = await nodes.server('steady')
      const caller = await nodes.server('caller')

      await nodes.program.call('know', { name: 'steady', peers: [dead] })
      await nodes.program.call('connect', { name: 'caller', multiaddr: `${server.multiaddrs[0]}/p2p/${server.id}` })
      await vi.waitFor(async () => { expect(await nodes.program.call('table', { name: 'steady' })).toContain(caller.id) })

      // for as long as this takes, nothing else happens
      await nodes.client('of the steady', [server], { links: [linkTo(server)] })
      await nodes.perform('of the steady', { operation: 'closest-peers', key: await multihashOf('steady') })

      expect(await nodes.program.call('table', { name: 'steady' })).toContain(dead.id)

      const { background } = await nodes.perform('steady', { operation: 'find-providers', key: await multihashOf('steady') })

      expect(background).toMatchObject({ dials: 0, unresponsive: 0 })
    })

    test('aborts its connections', async () => {
      const server = await nodes.server('abrupt')
      const client = await startClient(tcp())
      const connection = await client.dial(multiaddr(`${server.multiaddrs[0]}/p2p/${server.id}`))

      // the server may learn a little later than the client that the connection is open
      await vi.waitFor(async () => {
        await nodes.program.call('dropConnections', { name: 'abrupt' })
        expect(connection.status).not.toBe('open')
      })
    })
  })
})

/** A link of RTT_MS */
function linkTo ({ id }: PeerAddress): Link {
  return { peer: id, rttMs: RTT_MS, silent: false, dead: false }
}

/** What is beyond the round trips is the processors' time */
function expectRoundTrips (timeMs: number, count: number): void {
  expect(timeMs / RTT_MS).toBeGreaterThan(count - 0.05)
  expect(timeMs / RTT_MS).toBeLessThan(count + 0.8)
}

async function startClient (transport: Transports[number]): Promise<Libp2p> {
  const client = await createLibp2p({ transports: [transport], connectionEncrypters: [noise()], streamMuxers: [yamux()] })

  onTestFinished(async () => { await client.stop() })

  return client
}

async function dialMs (client: Libp2p, { id, multiaddrs }: PeerAddress): Promise<number> {
  const from = performance.now()

  await client.dial(multiaddr(`${multiaddrs[0]}/p2p/${id}`))

  return performance.now() - from
}

/** Write lines to a program of its own, and wait for its end */
async function runLines (lines: string[]): Promise<{ answers: unknown[], complaints: string, exitCode: number | null }> {
  const child = spawn(program ?? '', { stdio: 'pipe' })
  const answers: unknown[] = []
  let complaints = ''

  onTestFinished(() => { child.kill('SIGKILL') })
  createInterface({ input: child.stdout }).on('line', line => {
    answers.push(JSON.parse(line))

    // each line that is a command has got its answer
    if (answers.length === lines.length - 1) {
      child.stdin.end()
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { complaints += text })
  child.stdin.write(lines.join('\n') + '\n')

  const [exitCode] = await once(child, 'close')

  return { answers, complaints, exitCode }
}
