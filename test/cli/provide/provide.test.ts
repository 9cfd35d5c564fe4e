import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { kadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryDirectory } from '../../persistence/temporary-directory.ts'
import { named } from '../../conformance/named.ts'
import { PROTOCOL, TestNetwork } from '../../conformance/test-network.ts'
import { runCommand, startCommand } from '../run-command.ts'
import { withPackage, withoutPackages } from './with-packages.ts'
import { kadDHTInternals } from '../../../src/kad-dht/internals.ts'
import { isInShard } from '../../../src/publish/shard.ts'
import type { TestNode } from '../../conformance/test-network.ts'

const ANNOUNCED = '/ip4/127.0.0.1/tcp/45678'

let network: TestNetwork
let bootstrap: string

beforeAll(async () => {
  network = await new TestNetwork(kadDHT).start(6)
  bootstrap = String(network.servers[0].getMultiaddrs()[0])
})
afterAll(async () => { await network.stop() })

async function cidsOf (count: number, name: string): Promise<CID[]> {
  return Promise.all(Array.from({ length: count }, async (_, i) => CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(`${name} ${i}`)))))
}

interface Operator {
  directory: string
  list: string
  location: string
  /** The id of the content server */
  peer: string
  args: string[]
}

/** A directory with a key and a list, and the arguments of the command that go with them */
async function operator (list: string): Promise<Operator> {
  const directory = await temporaryDirectory()
  const privateKey = await generateKeyPair('Ed25519')
  const location = join(directory, 'published')
  const path = join(directory, 'cids')
  const key = join(directory, 'key')

  await writeFile(key, Buffer.from(privateKeyToProtobuf(privateKey)).toString('base64') + '\n')
  await writeFile(path, list)

  return {
    directory,
    list: path,
    location,
    peer: peerIdFromPrivateKey(privateKey).toString(),
    args: ['provide', '--key', key, '--announce', ANNOUNCED, '--location', location, '--protocol', PROTOCOL, '--bootstrap', bootstrap]
  }
}

async function providersOf (reader: TestNode, cid: CID): Promise<Array<[id: string, addresses: string[]]>> {
  return named(await all(reader.services.dht.findProviders(cid)), 'PROVIDER')
    .flatMap(({ providers }) => providers.map(({ id, multiaddrs }): [string, string[]] => [id.toString(), multiaddrs.map(String)]))
}

async function status (location: string): Promise<{ keys: number, queued: number, regions: number }> {
  return JSON.parse((await runCommand(['provides', '--location', location, '--status', '--json'])).stdout)
}

describe('libp2p-scored-routing provide', () => {
  test('stores a list, which a stock client finds, and run again sends nothing', async () => {
    const cids = await cidsOf(200, 'list')
    const { list, location, peer, args } = await operator(`# what we have\n\n${cids.join('\r\n')}\n`)
    const { code, stdout, stderr } = await runCommand([...args, '--cids', list, '--json'])

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ stored: 200, failed: 0, waiting: 0, keysPerSecond: expect.any(Number), seconds: expect.any(Number), failures: [] })

    const reader = await network.join({}, network.servers.slice(0, 2))

    for (const cid of cids.slice(0, 5)) {
      const found = await providersOf(reader, cid)

      expect(found.map(([id]) => id)).toContain(peer)
      expect(found.flatMap(([, addresses]) => addresses)).toContainEqual(expect.stringContaining(ANNOUNCED))
    }

    expect(await runCommand([...args, '--cids', list])).toEqual({ code: 0, stdout: 'nothing waits: all is stored already\n', stderr: '' })
    expect(await status(location)).toMatchObject({ keys: 200, queued: 0, regions: 1 })
  })

  test('sends what is new in a list, which may come from standard input', async () => {
    const cids = await cidsOf(30, 'grows')
    const { args } = await operator('')

    expect(JSON.parse((await runCommand([...args, '--cids', '-', '--json'], { input: cids.slice(0, 20).join('\n') })).stdout)).toMatchObject({ stored: 20 })
    expect(await runCommand([...args, '--cids', '-'], { input: cids.join('\n') })).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^10 keys stored in [\d.]+ s, [\d.]+ a second\n$/),
      stderr: ''
    })
  })

  test('stores a shard of the list, and the shards are all of it', async () => {
    const cids = await cidsOf(60, 'shard')
    const { list, location, args } = await operator(cids.join('\n'))
    const kadIds = await Promise.all(cids.map(async cid => sha256.encode(cid.multihash.bytes)))
    const expected = [0, 1, 2].map(index => kadIds.filter(kadId => isInShard(kadId, { index, count: 3 })).length)
    const stored: number[] = []

    for (const shard of [['--shard', '0/3'], ['--shard', '1/3'], ['--shards', '3']]) {
      const { stdout } = await runCommand([...args, '--location', `${location}-${stored.length}`, '--cids', list, '--json', ...shard], { env: { JOB_COMPLETION_INDEX: '2' } })
      stored.push(JSON.parse(stdout).stored)
    }

    expect(stored).toEqual(expected)
    expect(Math.min(...stored)).toBeGreaterThan(0)
  })

  test('says which line is no CID, before anything is noted or sent', async () => {
    const [cid] = await cidsOf(1, 'bad')
    const { list, location, args } = await operator(`${cid}\n# a comment\n\nnonsense\n${cid}\n`)

    expect(await runCommand([...args, '--cids', list])).toEqual({ code: 2, stdout: '', stderr: `line 4 of ${list} is no CID: "nonsense". Nothing was sent\n` })
    expect(await runCommand(['provides', '--location', location, '--status'])).toMatchObject({ code: 1, stderr: `there is no database of published keys at ${location}\n` })
    expect(await runCommand([...args, '--cids', '-'], { input: '\nnonsense' })).toEqual({ code: 2, stdout: '', stderr: 'line 2 of standard input is no CID: "nonsense". Nothing was sent\n' })
  })

  test('refuses to provide under a key that is gone with it, and says why', async () => {
    const { code, stdout, stderr } = await runCommand(['provide', '--cids', '-', '--location', 'nowhere'])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^provide needs --key and --announce, .* take a record from its provider alone, .*\n$/)
  })

  test('refuses the address of another server than the key is of', async () => {
    const { args, peer } = await operator('')
    const other = network.servers[0].peerId

    expect(await runCommand([...args, '--cids', '-', '--announce', `${ANNOUNCED}/p2p/${other}`])).toEqual({
      code: 2,
      stdout: '',
      stderr: `--announce is "${ANNOUNCED}/p2p/${other}", and --key is that of ${peer}\n`
    })
  })

  test('keeps what it could not send, when no peer is there to start from', async () => {
    const cids = await cidsOf(3, 'offline')
    const { list, location, args } = await operator(cids.join('\n'))
    const offline = ['--bootstrap', `/ip4/127.0.0.1/tcp/1/p2p/${network.servers[0].peerId}`]
    const { code, stdout, stderr } = await runCommand([...args.slice(0, -2), ...offline, '--cids', list])

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^none of the peers to start from can be reached: [^\n]+\n$/)
    expect(await status(location)).toMatchObject({ keys: 3, queued: 3 })
  })

  test('names the keys that no server has taken, and stores them when it is run again', async () => {
    const cids = await cidsOf(12, 'failed')
    const { list, args } = await operator(cids.join('\n'))
    const another = new TestNetwork(kadDHT)
    onTestFinished(async () => { await another.stop() })
    await another.start(2)
    const handlers = another.servers.map(server => kadDHTInternals(server.services.dht).rpc.handlers.ADD_PROVIDER)
    const handles = handlers.map(({ handle }) => handle)
    const there = [...args.slice(0, -1), String(another.servers[0].getMultiaddrs()[0]), '--cids', list]

    handlers.forEach(handler => { handler.handle = async () => { throw new Error('refused') } })
    const { code, stdout } = await runCommand([...there, '--json'])
    const report = JSON.parse(stdout)

    expect(code).toBe(1)
    expect(report).toMatchObject({ stored: 0, failed: 12, waiting: 12, keysPerSecond: 0 })
    expect(report.failures.toSorted()).toEqual(cids.map(String).toSorted())
    expect((await runCommand(there)).stdout).toMatch(/^0 keys stored in .*\n12 keys failed:\n( {2}baf\w+\n){10} {2}and 2 more\n12 keys wait, and the same command sends them\n$/)

    handlers.forEach((handler, index) => { handler.handle = handles[index] })
    expect(await runCommand(there)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^12 keys stored/) })
  })

  test('stops at Ctrl-C while it reads, before anything is sent', async () => {
    const cids = await cidsOf(2_000, 'reading')
    const { location, args } = await operator('')
    const { child, result } = startCommand([...args, '--cids', '-'])
    onTestFinished(() => { child.kill('SIGKILL') })

    // standard input has no end
    child.stdin?.write(cids.map(cid => `${cid}\n`).join(''))
    await vi.waitFor(async () => { expect(await readFile(join(location, 'CURRENT'), 'utf8')).toContain('MANIFEST') }, { timeout: 20_000 })
    child.kill('SIGINT')

    expect(await result).toEqual({ code: 130, stdout: expect.stringContaining('stopped'), stderr: '' })
    expect(await status(location)).toMatchObject({ regions: 0 })
  })

  test('stops at Ctrl-C while it sends, tells how far it came, and goes on when it is run again', async () => {
    const cids = await cidsOf(5_000, 'sending')
    const { list, location, peer, args } = await operator(cids.join('\n'))
    const { child, result } = startCommand([...args, '--cids', list, '--json'])
    onTestFinished(() => { child.kill('SIGKILL') })

    await vi.waitFor(() => { expect(network.servers[5].getPeers().map(String)).toContain(peer) }, { timeout: 20_000, interval: 20 })
    child.kill('SIGINT')
    const { code, stdout, stderr } = await result
    const { stored, waiting } = JSON.parse(stdout)

    expect(code).toBe(130)
    expect(stderr).toMatch(/stopped: \d+ keys wait, and the same command sends them\n$/)
    expect(waiting).toBeGreaterThan(0)
    expect(stored + waiting).toBe(5_000)
    expect(await status(location)).toMatchObject({ keys: 5_000, queued: waiting })

    const again = await runCommand([...args, '--cids', list, '--json'])

    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(again.stdout)).toMatchObject({ stored: waiting, failed: 0, waiting: 0 })
  })

  test('stops when its time is over', async () => {
    const { list, location, args } = await operator((await cidsOf(20_000, 'timeout')).join('\n'))
    const { code, stdout } = await runCommand([...args, '--cids', list, '--timeout', '4'])

    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/stopped: \d+ keys wait, and the same command sends them\n$/) })
    expect((await status(location)).queued).toBeGreaterThan(0)
  })

  test('does not say that all is stored when its time was over before the list had an end', async () => {
    const { args } = await operator('')
    const { child, result } = startCommand([...args, '--cids', '-', '--timeout', '0.1'])
    onTestFinished(() => { child.kill('SIGKILL') })

    expect(await result).toEqual({ code: 1, stdout: 'stopped before anything was sent\n', stderr: '' })
  })

  test('reads the CIDs of a CAR by a package of the operator', async () => {
    const cids = await cidsOf(3, 'car')
    const { list, args } = await operator(cids.join('\n'))
    const reader = `
      import { CID } from ${JSON.stringify(import.meta.resolve('multiformats/cid'))}
      export const CarCIDIterator = {
        async fromIterable (bytes) {
          let text = ''
          for await (const chunk of bytes) { text += chunk }
          return (async function * () { for (const line of text.split('\\n')) { yield CID.parse(line) } })()
        }
      }`

    expect(JSON.parse((await runCommand([...args, '--car', list, '--json'], { node: withPackage('@ipld/car', reader) })).stdout)).toMatchObject({ stored: 3, failed: 0 })
    expect(await runCommand([...args, '--car', list], { node: withoutPackages('@ipld/car') })).toEqual({
      code: 2,
      stdout: '',
      stderr: '--car needs a package that is not installed: npm install @ipld/car\n'
    })
  })

  test('names the packages of a node that are not installed', async () => {
    const { list, args } = await operator('')

    expect(await runCommand([...args, '--cids', list], { node: withoutPackages('libp2p', '@libp2p/tcp', '@libp2p/noise', '@chainsafe/libp2p-noise') })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'provide needs packages that are not installed beside libp2p-scored-routing: npm install libp2p @libp2p/tcp @libp2p/noise\n'
    })
  })
})
