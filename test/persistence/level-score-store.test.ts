import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { encodeStoredPeer } from '../../src/persistence/score-record-codec.ts'
import { storeContents } from '../../src/testing/store-contents.ts'
import { multihash, storedPeer } from '../../src/testing/stored-peers.ts'
import { testRecordStore } from './record-format.conformance.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import type { Database } from '../../src/persistence/database.ts'
import type { RecordGround } from './record-format.conformance.ts'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Readable } from 'node:stream'

const PREFIX = '/ipfs/kad/1.0.0'

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' }

testRecordStore('LevelScoreStore at a location', async () => {
  const location = await temporaryDirectory()

  return {
    store: () => new LevelScoreStore({ location }),
    writeRaw: async entries => {
      const db = new Level(location)
      await writeRaw(db, 'peer-scores', entries)
      await db.close()
    },
    end: async () => {}
  }
})

testRecordStore('LevelScoreStore in memory', async () => groundIn(new MemoryLevel(), undefined))

testRecordStore("LevelScoreStore beside another in the user's database", async () => {
  const db = new Level<string, object>(await temporaryDirectory(), { valueEncoding: 'json' })
  const other = new LevelScoreStore({ db, prefix: '/ipfs/kad' })
  await db.put('settings', { of: 'the user' })
  await other.open()
  await other.write({ put: [storedPeer(1_000_000)], delete: [] })

  return {
    ...groundIn(db, '/ipfs/kad/1.0.0'),
    end: async () => {
      expect((await storeContents(other)).peers).toEqual([storedPeer(1_000_000)])
      expect(await db.get('settings')).toEqual({ of: 'the user' })
      await db.close()
    }
  }
})

testRecordStore("LevelScoreStore of one of two nodes in the user's database", async () => {
  const db = new MemoryLevel()
  const other = new LevelScoreStore({ db, prefix: '/a', owner: 'other' })
  await other.open()
  await other.write({ put: [storedPeer(1), storedPeer(1_000_000)], delete: [] })

  return {
    store: () => new LevelScoreStore({ db, prefix: '/a', owner: 'mine' }),
    writeRaw: async entries => { await writeRaw(db, '/a#mine', entries) },
    end: async () => {
      expect((await storeContents(other)).peers).toEqual([storedPeer(1), storedPeer(1_000_000)])
      await db.close()
    }
  }
})

describe('LevelScoreStore with an owner', () => {
  test.each([
    ['clears its own records only', async (store: LevelScoreStore) => { await store.clear() }],
    ['deletes its own records only', async (store: LevelScoreStore) => { await store.write({ put: [], delete: [multihash(1)] }) }]
  ])('%s', async (_, forget) => {
    const db = new MemoryLevel()
    const [a, b] = await openStores(db, 'a', 'b')
    await a.write({ put: [storedPeer(1)], delete: [] })
    await b.write({ put: [storedPeer(1)], delete: [] })
    await forget(a)

    expect((await storeContents(a)).peers).toEqual([])
    expect((await storeContents(b)).peers).toEqual([storedPeer(1)])
    await a.close()
    await b.close()
    const [again] = await openStores(db, 'a')
    expect((await storeContents(again)).peers, 'it does not begin anew').toEqual([])
  })

  test('takes over the records of the release before owners, and who comes second does not', async () => {
    const db = new MemoryLevel()
    await writeRaw(db, PREFIX, [1, 2, 3].map(n => ({ key: storedPeer(n).peer, value: encodeStoredPeer(storedPeer(n)) })))
    const [a, b] = await openStores(db, 'a', 'b')

    expect((await storeContents(a)).peers).toHaveLength(3)
    expect((await storeContents(b)).peers).toEqual([])
    expect(await db.sublevel(PREFIX).keys().all()).toEqual([])
  })

  test('begins with what the owner before it knew, who keeps it', async () => {
    const db = new MemoryLevel()
    const [a] = await openStores(db, 'a')
    await a.write({ put: [storedPeer(1)], delete: [] })
    await a.close()
    const [b] = await openStores(db, 'b')
    expect((await storeContents(b)).peers).toEqual([storedPeer(1)])
    await b.clear()
    await b.close()

    const [again, c] = await openStores(db, 'a', 'c')
    expect((await storeContents(again)).peers).toEqual([storedPeer(1)])
    expect((await storeContents(c)).peers, 'what was forgotten last does not come back').toEqual([])
  })

  test('keeps the records of eight owners', async () => {
    const db = new MemoryLevel()

    for (let n = 0; n < 20; n++) {
      const [store] = await openStores(db, `owner ${n}`)
      await store.write({ put: [storedPeer(n)], delete: [] })
      await store.close()
    }

    const sets = new Set((await db.keys().all()).flatMap(key => /#owner%20\d+/.exec(key) ?? []))
    expect(sets).toEqual(new Set(Array.from({ length: 8 }, (_, n) => `#owner%20${n + 12}`)))
  })

  test('is in use once at a time', async () => {
    const db = new MemoryLevel()
    const [first] = await openStores(db, 'a')
    const second = new LevelScoreStore({ db, prefix: PREFIX, owner: 'a' })

    await expect(second.open()).rejects.toThrow(`score store '${PREFIX}' in the database given is in use`)
    await first.close()
    await second.open()
    await second.close()
  })
})

describe("LevelScoreStore in the user's database", () => {
  test('leaves it open', async () => {
    const db = new MemoryLevel()
    const store = new LevelScoreStore({ db })
    await store.open()
    await store.close()

    expect(db.status).toBe('open')
  })

  test('can be opened again after the user closed the database and opened it again', async () => {
    const db = new MemoryLevel()
    const store = new LevelScoreStore({ db })
    await store.open()
    await db.close()
    await store.close()
    await db.open()
    await store.open()
    await store.write({ put: [storedPeer(1)], delete: [] })

    expect((await storeContents(store)).peers).toEqual([storedPeer(1)])
  })

  test('does not open what the user has closed', async () => {
    const db = new MemoryLevel()
    await db.close()

    await expect(new LevelScoreStore({ db, prefix: '/a' }).open()).rejects.toThrow(expect.objectContaining({
      name: 'ScoreStoreError',
      message: "score store '/a' in the database given can't be used: the database is not open; open it before the node starts and close it after the node has stopped"
    }))
    expect(db.status).toBe('closed')
  })

  test('takes any prefix', async () => {
    const db = new MemoryLevel()
    const prefixes = ['/a', '/a/', 'ä "b"!', '!', '%21', '/a!b']
    const stores = prefixes.map(prefix => new LevelScoreStore({ db, prefix }))

    for (const [n, store] of stores.entries()) {
      await store.open()
      await store.write({ put: [storedPeer(n)], delete: [] })
    }

    for (const [n, store] of stores.entries()) {
      // '!' is escaped as '%21', whose own '%' is escaped
      expect((await storeContents(store)).peers).toEqual([storedPeer(n)])
    }
  })
})

describe('LevelScoreStore at a location', () => {
  test('says in one line that another process has it, and opens once that is gone', async () => {
    const location = await temporaryDirectory()
    const holder = startProcess(location)
    await nextLine(holder)

    await expect(new LevelScoreStore({ location }).open()).rejects.toThrow(expect.objectContaining({
      name: 'ScoreStoreError',
      message: `score store at ${location} is in use by another process, or by another node in this one; stop that one or give another location`,
      cause: expect.any(Error)
    }))

    const second = startProcess(location)
    expect(await outputOf(second.stderr)).toBe(`ScoreStoreError: score store at ${location} is in use by another process, or by another node in this one; stop that one or give another location\n`)

    await end(holder)
    const store = new LevelScoreStore({ location })
    await store.open()
    await store.close()
  })

  test('can be used by one of two stores of a process, and by the other when that is closed', async () => {
    const location = await temporaryDirectory()
    const [first, second] = [new LevelScoreStore({ location }), new LevelScoreStore({ location })]
    await first.open()

    await expect(second.open()).rejects.toThrow(`score store at ${location} is in use`)
    await first.close()
    await second.open()
    await second.close()
  })

  test('has everything that was flushed before the process was killed', async () => {
    const location = await temporaryDirectory()
    const child = startProcess(location, 'write')
    let flushed = -1

    for await (const line of createInterface(child.stdout)) {
      flushed = Number(line)

      if (flushed >= 2_000 && !child.killed) {
        child.kill('SIGKILL')
      }
    }

    const store = new LevelScoreStore({ location })
    await store.open()
    const { peers, unreadable } = await storeContents(store)
    await store.close()

    expect(unreadable).toEqual([])
    expect(peers).toEqual(peers.map((_, n) => storedPeer(n)))
    expect(peers.length).toBeGreaterThan(flushed)
    // the batch under way when it was killed is there whole or not at all
    expect(peers.length % 100).toBe(0)
  })

  test('says what stands in its place', async () => {
    const file = join(await temporaryDirectory(), 'file')
    await writeFile(file, 'mine')

    for (const location of [file, join(file, 'below')]) {
      await expect(new LevelScoreStore({ location }).open()).rejects.toThrow(expect.objectContaining({
        name: 'ScoreStoreError',
        message: `score store at ${location} can't be opened: there is a file where its directory should be; move the file or give another location`
      }))
    }
  })

  test('says that it may not read its directory', async () => {
    const parent = await temporaryDirectory()
    await chmod(parent, 0o755)
    const location = join(parent, 'store')
    await mkdir(location)
    await chmod(location, 0)
    const root = process.getuid?.() === 0

    try {
      // whom nothing is forbidden becomes nobody
      if (root) { process.seteuid?.(65_534) }

      await expect(new LevelScoreStore({ location }).open()).rejects.toThrow(expect.objectContaining({
        name: 'ScoreStoreError',
        message: `score store at ${location} can't be opened: permission denied; give this process the right to read and write it`
      }))
    } finally {
      if (root) { process.seteuid?.(0) }
    }
  })

  test('is locked by one that can not be opened for no longer than that', async () => {
    const location = await temporaryDirectory()
    await fill(location, 1)
    const manifest = (await readdir(location)).filter(name => name.startsWith('MANIFEST'))[0]
    await rename(join(location, manifest), join(location, 'kept'))
    await expect(new LevelScoreStore({ location }).open()).rejects.toThrow(`score store at ${location} is damaged: `)
    await rename(join(location, 'kept'), join(location, manifest))

    const store = new LevelScoreStore({ location })
    await store.open()
    expect((await storeContents(store)).peers).toEqual([storedPeer(0)])
    await store.close()
  })

  test('has but its own problems: whatever is thrown is a ScoreStoreError of one line', async () => {
    const location = await temporaryDirectory()
    const store = new LevelScoreStore({ location })
    await store.open()
    await rm(location, { recursive: true })
    await expect(writeMany(store)).rejects.toThrow(expect.objectContaining({ name: 'ScoreStoreError', message: expect.stringMatching(/^score store at .*; .*$/) }))
    await store.close()
  })

  test('stays where it was opened when the process changes its directory', async () => {
    const before = process.cwd()
    const directory = await temporaryDirectory()
    const store = new LevelScoreStore({ location: 'scores' })

    try {
      process.chdir(directory)
      await store.open()
      process.chdir(tmpdir())
      await writeMany(store)
      await store.close()
    } finally {
      process.chdir(before)
    }

    const again = new LevelScoreStore({ location: join(directory, 'scores') })
    await again.open()
    expect((await storeContents(again)).peers).toHaveLength(60_000)
    await again.close()
  })

  test('says that the database itself is damaged', async () => {
    const location = await temporaryDirectory()
    await fill(location, 1)
    await writeFile(join(location, 'CURRENT'), 'nonsense')

    await expect(new LevelScoreStore({ location }).open()).rejects.toThrow(`score store at ${location} is damaged: `)
  })

  test('loses one entry to a byte that was flipped inside it on disk', async () => {
    const location = await temporaryDirectory()
    await fill(location, 100)
    const [table] = (await readdir(location)).filter(name => name.endsWith('.ldb'))
    const bytes = await readFile(join(location, table))
    // in its value
    bytes[bytes.indexOf(storedPeer(42).peer) + 60] ^= 1
    await writeFile(join(location, table), bytes)

    const store = new LevelScoreStore({ location })
    await store.open()
    const { peers, unreadable } = await storeContents(store)
    await store.close()

    expect(peers).toHaveLength(99)
    expect(unreadable).toEqual([{ key: expect.any(String), peer: storedPeer(42).peer, reason: 'damaged' }])
  })

  test('gives what can be read when a table is damaged beyond its entries', async () => {
    const location = await temporaryDirectory()
    await fill(location, 1_000)
    const [table] = (await readdir(location)).filter(name => name.endsWith('.ldb'))
    const bytes = await readFile(join(location, table))
    // the lengths of keys and values within a block in the middle of the table
    const middle = bytes.byteLength >> 1
    bytes.fill(0xff, middle, middle + 500)
    await writeFile(join(location, table), bytes)

    const store = new LevelScoreStore({ location })
    await store.open()
    const { peers, unreadable } = await storeContents(store)
    await store.close()

    expect(peers.length).toBeGreaterThan(300)
    expect(peers.length).toBeLessThan(1_000)
    expect(unreadable).toContainEqual({ key: expect.stringMatching(/corrupt/i), peer: undefined, reason: 'damaged' })
  })

  test('refuses work before it is opened and after it was closed', async () => {
    const store = new LevelScoreStore({ location: await temporaryDirectory() })

    await expect(store.write({ put: [], delete: [] })).rejects.toThrow(/^score store at .* is not open$/)
    await store.open()
    await store.close()
    await expect(storeContents(store)).rejects.toThrow(/^score store at .* is not open$/)
  })
})

async function openStores (db: Database, ...owners: string[]): Promise<LevelScoreStore[]> {
  const stores = owners.map(owner => new LevelScoreStore({ db, prefix: PREFIX, owner }))
  await Promise.all(stores.map(async store => store.open()))

  return stores
}

function groundIn (db: Database, prefix: string | undefined): RecordGround {
  return {
    store: () => new LevelScoreStore({ db, ...(prefix !== undefined && { prefix }) }),
    writeRaw: async entries => { await writeRaw(db, prefix ?? 'peer-scores', entries) },
    end: async () => { await db.close() }
  }
}

async function writeRaw (db: Database, sublevel: string, entries: Array<{ key: Uint8Array, value: Uint8Array }>): Promise<void> {
  await db.sublevel<Uint8Array, Uint8Array>(sublevel, BINARY).batch(entries.map(entry => ({ type: 'put' as const, ...entry })))
}

async function fill (location: string, peers: number): Promise<void> {
  const store = new LevelScoreStore({ location })
  await store.open()
  await store.write({ put: Array.from({ length: peers }, (_, n) => storedPeer(n)), delete: [] })
  await store.close()
}

/** So much that LevelDB makes new files */
async function writeMany (store: LevelScoreStore): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await store.write({ put: Array.from({ length: 1_000 }, (_, i) => storedPeer(1_000 * n + i)), delete: [] })
  }
}

function startProcess (location: string, task = ''): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(import.meta.dirname, 'writing-process.ts'), location, task])
}

async function nextLine (child: ChildProcessWithoutNullStreams): Promise<string> {
  const [line] = await once(createInterface(child.stdout), 'line')

  return line
}

async function outputOf (stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString()
}

async function end (child: ChildProcessWithoutNullStreams): Promise<void> {
  child.kill()
  await once(child, 'exit')
}
