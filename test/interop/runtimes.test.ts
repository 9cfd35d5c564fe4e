import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { builtProgram, notBuilt } from '../../benchmarks/foreign/built-program.ts'
import { emptyProject } from '../bundles/empty-project.ts'
import type { EmptyProject } from '../bundles/empty-project.ts'
import type { ForeignProgram } from '../../benchmarks/foreign/built-program.ts'
import type { Libp2p } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'

type Node = Libp2p<{ dht: KadDHT }>

interface Runtime {
  name: ForeignProgram
  /** What comes before a program and its arguments */
  args: string[]
}

const RUNTIMES: Runtime[] = [
  { name: 'deno', args: ['run', '--allow-all', '--no-prompt'] },
  { name: 'bun', args: ['run'] }
]

/** All that a node needs but for the right to load native modules */
const WITHOUT_FFI = ['run', '--no-prompt', '--allow-net', '--allow-read', '--allow-write', '--allow-env', '--allow-sys']

const USERS_PACKAGES = ['libp2p', '@libp2p/identify', '@libp2p/noise', '@libp2p/ping', '@libp2p/tcp', '@libp2p/websockets', '@libp2p/yamux']

const TCP = '/ip4/127.0.0.1/tcp/0'
const WEB_SOCKETS = '/ip4/127.0.0.1/tcp/0/ws'

const TIMEOUT_MS = 20_000

const missing = RUNTIMES.map(({ name }) => name).filter(name => builtProgram(name) === undefined)

if (missing.length > 0) {
  console.warn(missing.map(notBuilt).join('\n'))
}

let project: EmptyProject

beforeAll(async () => {
  project = await emptyProject(USERS_PACKAGES)
  await cp(resolve('test/interop/runtimes'), project.directory, { recursive: true })
})

afterAll(async () => {
  await project.remove()
})

describe.for(RUNTIMES)('the packed library in $name', ({ name, args }) => {
  test.skipIf(missing.includes(name))('asks servers, provides, finds providers, and finds its scores again when it is started anew', async () => {
    const servers = await startServers(TCP, TCP, WEB_SOCKETS)
    const ids = servers.map(({ peerId }) => peerId.toString()).sort()
    const location = join(project.directory, `scores-${name}`)

    for (const restored of [[], ids]) {
      const found = await runClient(name, args, location, servers)
      expect(found).toMatchObject({ restored, closest: ids, good: ids })
      expect(found.providers).toContain(found.id)
      const cid = CID.createV1(0x55, Digest.decode(Uint8Array.from(found.multihash)))
      await expect.poll(async () => providersOf(servers[0], cid)).toContain(found.id)
    }
  })

  test.skipIf(missing.includes(name))('as a server names peers to others and holds their records', async () => {
    const [other] = await startServers(TCP)
    const { address, end } = await startServer(name, args)
    const [provider, seeker] = [await startNode(true, [TCP]), await startNode(true, [])]
    await other.dial(multiaddr(address))
    await Promise.all([provider, seeker].map(async node => node.dial(multiaddr(address))))

    const named = async (): Promise<string[]> => (await all(seeker.services.dht.getClosestPeers(other.peerId.toMultihash().bytes)))
      .flatMap(event => event.name === 'FINAL_PEER' ? [event.peer.id.toString()] : [])
    await expect.poll(named, { timeout: 5_000 }).toContain(other.peerId.toString())

    await other.stop()
    const cid = CID.createV1(0x55, identity.digest(provider.peerId.toMultihash().bytes))
    await all(provider.services.dht.provide(cid))
    await expect.poll(async () => providersOf(seeker, cid), { timeout: 5_000 }).toContain(provider.peerId.toString())
    expect(await end()).toBe(0)
  })
})

test.skipIf(missing.includes('deno'))('Deno without the right to load native modules says what level needs, and finds what it looks for', async () => {
  const servers = await startServers(TCP)
  const ids = servers.map(({ peerId }) => peerId.toString())
  const { stderr, ...found } = await runClient('deno', WITHOUT_FFI, join(project.directory, 'nothing'), servers, { DEBUG: 'libp2p:kad-dht:scoring:error' })

  expect(found).toMatchObject({ restored: [], closest: ids, good: ids })
  expect(stderr).toMatch(/score store at .*nothing can't be opened: the package level can't be loaded \(Requires ffi access .*--allow-ffi/)
})

interface Found {
  restored: string[]
  closest: string[]
  providers: string[]
  good: string[]
  id: string
  multihash: number[]
  stderr: string
}

async function runClient (runtime: ForeignProgram, args: string[], location: string, servers: Node[], env: Record<string, string> = {}): Promise<Found> {
  const addresses = servers.map(server => String(server.getMultiaddrs()[0]))
  const { stdout, stderr } = await promisify(execFile)(builtProgram(runtime) ?? '', [...args, 'client.js', location, ...addresses], {
    cwd: project.directory,
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS
  })

  return { ...JSON.parse(stdout), stderr }
}

async function startServer (runtime: ForeignProgram, args: string[]): Promise<{ address: string, end: () => Promise<number> }> {
  const child = spawn(builtProgram(runtime) ?? '', [...args, 'server.js'], { cwd: project.directory, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  onTestFinished(() => { child.kill('SIGKILL') })
  const [address] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([code]) => { throw new Error(`${runtime} ended with ${code}`) })
  ])

  return {
    address,
    end: async () => {
      child.stdin.end()
      const [code] = await exited

      return code
    }
  }
}

/** Stock servers in this process that know each other, until the test is over */
async function startServers (...listen: string[]): Promise<Node[]> {
  const servers: Node[] = []

  for (const address of listen) {
    const server = await startNode(false, [address])
    await Promise.all(servers.map(async other => server.dial(other.getMultiaddrs())))
    servers.push(server)
  }

  return servers
}

async function startNode (clientMode: boolean, listen: string[]): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol: '/runtimes/kad/1.0.0', clientMode, peerInfoMapper: passthroughMapper })
    }
  })
  onTestFinished(async () => { await node.stop() })

  return node
}

async function providersOf (node: Node, cid: CID): Promise<string[]> {
  return (await all(node.services.dht.findProviders(cid))).flatMap(event => event.name === 'PROVIDER' ? event.providers.map(({ id }) => id.toString()) : [])
}
