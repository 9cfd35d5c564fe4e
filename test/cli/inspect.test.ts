import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { Level } from 'level'
import { describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { storedPeer } from '../../src/testing/stored-peers.ts'
import { runCommand } from './run-command.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'
import type { CommandResult } from './run-command.ts'
import type { PeerId } from '@libp2p/interface'

describe('libp2p-scored-routing inspect', () => {
  test('prints counts by class and a line for each peer, best first', async () => {
    const { location, good, poor, replacement } = await filledStore()
    const { stdout, stderr, code } = await run('inspect', location)
    const [summary, empty, headings, ...lines] = stdout.trimEnd().split('\n')

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(summary).toBe(`${location}: 3 peers, 1 good, 1 neutral, 1 unacceptable, 0 only named`)
    expect(empty).toBe('')
    expect(headings.trim().split(/ {2,}/)).toEqual(['peer', 'class', 'score', 'reliability', 'latency', 'referral', 'weight', 'last outcome', 'age', 'addresses'])
    expect(lines.map(line => line.split(/ {2,}/))).toEqual([
      [String(good), 'good', '0.90', '0.90', '126±12 ms', '0.50', '20', 'responded', expect.stringMatching(/^\d+ s$/), '/ip4/1.2.3.4/tcp/4001 (+1)'],
      [String(replacement), 'neutral', '0.50', '0.50', '-', '0.50', '1', '-', '2 h', '/ip4/1.2.3.4/tcp/4001'],
      [String(poor), 'unacceptable', '0.05', '0.05', '-', '0.50', '3', 'timedOut', expect.stringMatching(/^\d+ s$/), '-']
    ])
  })

  test('prints one JSON object with --json', async () => {
    const { location, good, poor, replacement } = await filledStore()
    const { stdout, stderr, code } = await run('inspect', location, '--json')
    const report = JSON.parse(stdout)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(report).toMatchObject({ location, size: 3, counts: { good: 1, neutral: 1, unacceptable: 1, named: 0 }, unreadable: [] })
    expect(report.peers).toEqual([
      expect.objectContaining({
        peer: String(good),
        class: 'good',
        latencyMs: 125.5,
        addresses: [{ multiaddr: '/ip4/1.2.3.4/tcp/4001', reliability: 1 }, { multiaddr: '/ip6/::1/tcp/1', reliability: 0 }]
      }),
      expect.objectContaining({ peer: String(replacement), class: 'neutral', latencyMs: null, lastOutcome: null }),
      expect.objectContaining({ peer: String(poor), class: 'unacceptable', lastOutcome: 'timedOut' })
    ])
  })

  test('shows as many as --top says, and tells of the rest', async () => {
    const { location, good, poor } = await filledStore()
    const { stdout } = await run('inspect', location, '--top', '1')

    expect(stdout).toContain(`\n${good}  `)
    expect(stdout).not.toContain(`\n${poor}  `)
    expect(stdout).toMatch(/\n2 more not shown\n$/)
    expect(stdout).toContain('3 peers, 1 good, 1 neutral, 1 unacceptable, 0 only named')
    expect(JSON.parse((await run('inspect', location, '--top', '1', '--json')).stdout).peers).toHaveLength(1)
  })

  test('shows one peer with --peer, and why it has its score', async () => {
    const { location, good, poor } = await filledStore()
    const { stdout, code } = await run('inspect', '--peer', String(poor), location)

    expect(code).toBe(0)
    expect(stdout).toContain(`\n${poor}  unacceptable`)
    expect(stdout).toMatch(/\nunacceptable: its score 0\.05 is below 0\.3\n/)
    expect(stdout).not.toContain(`\n${good}  `)
  })

  test('says that it does not know the peer asked for', async () => {
    const { location } = await filledStore()

    expect(await run('inspect', location, '--peer', 'Qmnobody')).toEqual({
      code: 1,
      stdout: '',
      stderr: `score store at ${location} does not know peer Qmnobody\n`
    })
  })

  test('warns of each entry that it skips in one line, shows the others and changes nothing', async () => {
    const { location, poor } = await filledStore()
    await damage(location, poor)
    const { stdout, stderr, code } = await run('inspect', location)

    expect(code).toBe(0)
    expect(stderr).toBe(`warning: entry ${poor} is skipped: it is damaged\n`)
    expect(stdout).toContain('2 peers, 1 good, 1 neutral, 0 unacceptable')
    expect((await run('inspect', location, '--json')).stderr).toBe(stderr)
  })

  test('makes no store where there is none', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'file')
    await mkdir(join(directory, 'empty'))
    await writeFile(file, '')

    for (const name of ['missing', 'empty', 'file']) {
      const location = join(directory, name)

      expect(await run('inspect', location)).toEqual({ code: 1, stdout: '', stderr: `there is no score store at ${location}\n` })
    }

    expect(await readdir(directory)).toEqual(['empty', 'file'])
    expect(await readdir(join(directory, 'empty'))).toEqual([])
  })

  test('says in one line that a running node has the store', async () => {
    const location = await temporaryDirectory()
    const store = new LevelScoreStore({ location })
    await store.open()

    expect(await run('inspect', location)).toEqual({
      code: 1,
      stdout: '',
      stderr: `score store at ${location} is in use by another process, or by another node in this one; stop that one or give another location\n`
    })
    await store.close()
  })

  test.each([
    ['a CURRENT that is nonsense', async (location: string) => { await writeFile(join(location, 'CURRENT'), 'nonsense') }],
    ['no CURRENT', async (location: string) => { await rm(join(location, 'CURRENT')) }]
  ])('says in one line that a store with %s is damaged, and moves nothing', async (_, change) => {
    const location = join(await temporaryDirectory(), 'scores')
    await writeStore(location, [storedPeer(1)])
    await change(location)
    const files = await readdir(location)
    const { stdout, stderr, code } = await run('inspect', location)

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^score store at ${location} is damaged: [^\\n]+; move it away or delete it, a new one is then begun\\n$`))
    expect(await readdir(join(location, '..'))).toEqual(['scores'])
    expect(await readdir(location)).toEqual(expect.arrayContaining(files))
  })

  test('prints an empty store as such', async () => {
    const location = await temporaryDirectory()
    await writeStore(location, [])

    expect(await run('inspect', location)).toEqual({
      code: 0,
      stdout: `${location}: 0 peers, 0 good, 0 neutral, 0 unacceptable, 0 only named\n`,
      stderr: ''
    })
  })

  test.each([
    [[], 'a command is missing'],
    [['inspekt'], 'there is no command "inspekt", only inspect, provide and provides'],
    [['inspect'], 'inspect needs the location of a score store'],
    [['inspect', 'a', 'b'], 'inspect takes one location, and there is "b" as well'],
    [['inspect', 'a', '--top', '0'], '--top is "0", allowed is a whole number from 1'],
    [['inspect', 'a', '--top', 'x'], '--top is "x", allowed is a whole number from 1'],
    [['inspect', 'a', '--colour'], "Unknown option '--colour', only --top, --peer, --json, --help (see"],
    [['inspect', 'a', '--top', '--json'], "Option '--top' argument is ambiguous (see"]
  ])('refuses the arguments %j with one line', async (args, reason) => {
    const { stdout, stderr, code } = await run(...args)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\(see libp2p-scored-routing --help\)\n$/)
    expect(stderr).toContain(reason)
  })

  test.each([
    [['--help'], 'Usage: libp2p-scored-routing <command>'],
    [['inspect', '--help'], 'Usage: libp2p-scored-routing inspect <location>'],
    [['provide', '--help'], 'Usage: libp2p-scored-routing provide --cids'],
    [['provides', '--help'], 'Usage: libp2p-scored-routing provides --location']
  ])('%j explains itself', async (args, usage) => {
    const { stdout, stderr, code } = await run(...args)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(usage)
  })
})

async function run (...args: string[]): Promise<CommandResult> {
  return runCommand(args)
}

/** A store with a good peer, a poor one that is replaced, and the replacement */
async function filledStore (): Promise<{ location: string, good: PeerId, poor: PeerId, replacement: PeerId }> {
  const location = await temporaryDirectory()
  const [good, poor, replacement] = await Promise.all([newPeer('Ed25519'), newPeer('secp256k1'), newPeer('Ed25519')])
  const address = { multiaddr: multiaddr('/ip4/1.2.3.4/tcp/4001').bytes, reliability: 1 }
  const unasked = { latencyMs: undefined, latencyDeviationMs: undefined, lastOutcome: undefined, reliability: 0.5, weight: 1 }
  // poor scores recover as time passes
  const now = Date.now()

  await writeStore(location, [
    {
      ...storedPeer(0, { reliability: 0.9, updatedAt: now }),
      peer: good.toMultihash().bytes,
      addresses: [address, { multiaddr: multiaddr('/ip6/::1/tcp/1').bytes, reliability: 0 }]
    },
    {
      ...storedPeer(0, { ...unasked, reliability: 0.05, weight: 3, lastOutcome: 'timedOut', updatedAt: now }),
      peer: poor.toMultihash().bytes,
      addresses: []
    },
    {
      ...storedPeer(0, { ...unasked, updatedAt: now - 2.5 * 3_600_000 }),
      peer: replacement.toMultihash().bytes,
      addresses: [address]
    }
  ])

  return { location, good, poor, replacement }
}

async function writeStore (location: string, peers: StoredPeer[]): Promise<void> {
  const store = new LevelScoreStore({ location })
  await store.open()
  await store.write({ put: peers, delete: [] })
  await store.close()
}

async function damage (location: string, peer: PeerId): Promise<void> {
  const db = new Level(location)
  const records = db.sublevel<Uint8Array, Uint8Array>('peer-scores', { keyEncoding: 'view', valueEncoding: 'view' })
  const key = peer.toMultihash().bytes
  const value = await records.get(key) ?? new Uint8Array()
  value[20] ^= 1
  await records.put(key, value)
  await db.close()
}

async function newPeer (type: 'Ed25519' | 'secp256k1'): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair(type))
}
