import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { MemoryDatastore } from 'datastore-core'
import { Level } from 'level'
import { MemoryLevel } from 'memory-level'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, test } from 'vitest'
import { DatastoreScoreStore } from '../../src/persistence/datastore-score-store.ts'
import { ScoreStoreError } from '../../src/persistence/score-store-error.ts'
import { PROTOCOL } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { fillStore, knownPeer, sizeOfStore } from './filled-store.ts'
import { hurriedTimers } from './hurried-timers.ts'
import { lonelyNode } from './lonely-node.ts'

const PEERS = 5

/** More than the node waits for a store here, ms; that it waits 5 s otherwise is tested in store/store-session.test.ts */
const PATIENCE_MS = 4_000

/** Damage of which LevelDB tells when it opens, or only when it reads or writes, or not at all */
const DAMAGE: Array<[name: string, damage: (location: string) => Promise<void>]> = [
  ['a CURRENT that is nonsense', async location => { await writeFile(join(location, 'CURRENT'), 'nonsense') }],
  ['an empty CURRENT', async location => { await writeFile(join(location, 'CURRENT'), '') }],
  ['a CURRENT that names no file', async location => { await writeFile(join(location, 'CURRENT'), 'MANIFEST-999999\n') }],
  ['no CURRENT', async location => { await rm(join(location, 'CURRENT')) }],
  ['a directory for its CURRENT', async location => {
    await rm(join(location, 'CURRENT'))
    await mkdir(join(location, 'CURRENT'))
  }],
  ['a MANIFEST that is nonsense', async location => { await eachFile(location, /^MANIFEST/, async path => { await writeFile(path, 'nonsense') }) }],
  ['an empty MANIFEST', async location => { await eachFile(location, /^MANIFEST/, async path => { await truncate(path) }) }],
  ['no MANIFEST', async location => { await eachFile(location, /^MANIFEST/, async path => { await rm(path) }) }],
  ['no table', async location => { await eachFile(location, /\.ldb$/, async path => { await rm(path) }) }],
  ['an empty table', async location => { await eachFile(location, /\.ldb$/, async path => { await truncate(path) }) }],
  ['half a table', async location => { await eachFile(location, /\.ldb$/, async path => { await truncate(path, (await stat(path)).size >> 1) }) }],
  ['a table of zeros', async location => { await eachFile(location, /\.ldb$/, async path => { await writeFile(path, new Uint8Array((await stat(path)).size)) }) }],
  ['nonsense in all of its files', async location => { await eachFile(location, /./, async path => { await writeFile(path, 'nonsense') }) }]
]

describe('A node whose score store is damaged', () => {
  test.each(DAMAGE)('starts with %s, says where it set the store aside and keeps its scores in a new one', async (_, damage) => {
    const location = join(await temporaryDirectory(), 'scores')
    await fillStore({ location }, PEERS)
    await damage(location)
    const tables = await filesOf(location, /\.ldb$/)
    const errors: string[] = []
    const node = await lonelyNode({ location }, { errors })

    expect(node.status).to.equal('started')
    const aside = `${location}.damaged-1`
    expect(errors.filter(line => line.startsWith(`score store at ${location} is damaged: `) && line.includes(aside)), errors.join('\n')).to.have.length(1)
    expect(await filesOf(aside, /\.ldb$/)).to.deep.equal(tables)

    await node.stop()
    expect(node.status).to.equal('stopped')
    expect(await sizeOfStore({ location })).to.equal(0)
    await fillStore({ location }, 3)
    await node.start()
    expect(node.services.dht.scores.size, 'the new one is read and written').to.equal(3)
    expect(await readdir(dirname(location))).to.have.members(['scores', 'scores.damaged-1'])
  })

  test('carries what could be read over into the new one', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    await fillStore({ location }, 1_000)
    await eachFile(location, /\.ldb$/, async path => {
      const bytes = await readFile(path)
      bytes.fill(0xff, bytes.byteLength >> 1, (bytes.byteLength >> 1) + 500)
      await writeFile(path, bytes)
    })
    const node = await lonelyNode({ location })
    const { size } = node.services.dht.scores
    expect(size).to.be.within(300, 999)
    await node.stop()

    expect(await sizeOfStore({ location })).to.equal(size)
    expect(await readdir(dirname(location))).to.include('scores.damaged-1')
  })

  test('takes another name where something was set aside before', async () => {
    const location = join(await temporaryDirectory(), 'scores')

    for (const n of [1, 2, 3]) {
      await fillStore({ location }, PEERS)
      await writeFile(join(location, 'CURRENT'), `nonsense ${n}`)
      const node = await lonelyNode({ location })
      await node.stop()
      expect(await readFile(join(`${location}.damaged-${n}`, 'CURRENT'), 'utf8')).to.equal(`nonsense ${n}`)
    }
  })

  test('moves the files where the directory itself must stay, as one that is linked to', async () => {
    const directory = await temporaryDirectory()
    const location = join(directory, 'link')
    await mkdir(join(directory, 'real'))
    await symlink(join(directory, 'real'), location)
    await fillStore({ location }, PEERS)
    await writeFile(join(location, 'CURRENT'), 'nonsense')
    const node = await lonelyNode({ location })
    await node.stop()

    expect(await sizeOfStore({ location })).to.equal(0)
    expect(await readFile(join(directory, 'real.damaged-1', 'CURRENT'), 'utf8')).to.equal('nonsense')
  })

  test('moves the files where the directory is mounted, or its parent may not be written', async () => {
    const parent = await temporaryDirectory()
    const location = join(parent, 'scores')
    await fillStore({ location }, PEERS)
    await writeFile(join(location, 'CURRENT'), 'nonsense')
    const root = process.getuid?.() === 0

    if (root) {
      await eachFile(location, /./, async path => { await chown(path, 65_534, 65_534) })
      await chown(location, 65_534, 65_534)
    }

    await chmod(parent, 0o555)

    try {
      // whom nothing is forbidden becomes nobody
      if (root) { process.seteuid?.(65_534) }

      const node = await lonelyNode({ location })
      await node.stop()
    } finally {
      if (root) { process.seteuid?.(0) }
      await chmod(parent, 0o755)
    }

    expect(await readdir(parent)).to.deep.equal(['scores'])
    expect(await readFile(join(location, 'damaged-1', 'CURRENT'), 'utf8')).to.equal('nonsense')
    expect(await sizeOfStore({ location })).to.equal(0)
  })

  test('sets no more aside than ten times', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    const errors: string[] = []

    for (let n = 0; n < 12; n++) {
      await mkdir(location, { recursive: true })
      await writeFile(join(location, 'CURRENT'), 'nonsense')
      await (await lonelyNode({ location }, { errors })).stop()
    }

    expect(await readdir(dirname(location))).to.have.length(11)
    expect(errors.filter(line => line.includes('delete these'))).to.have.length(2)
  })

  test('leaves alone what may be the database of another program', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    const other = new Level(location)
    await other.put('a key', 'of another program')
    await other.close()
    await writeFile(join(location, 'CURRENT'), 'nonsense')
    const errors: string[] = []
    const node = await lonelyNode({ location }, { errors })

    expect(node.status).to.equal('started')
    expect(errors.filter(line => line.includes('is damaged'))).to.have.length(1)
    await node.stop()
    expect(await readdir(dirname(location))).to.deep.equal(['scores'])
    expect(await readFile(join(location, 'CURRENT'), 'utf8')).to.equal('nonsense')
  })

  test('leaves alone a directory with files of others in it', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    await fillStore({ location }, PEERS)
    await writeFile(join(location, 'CURRENT'), 'nonsense')
    await writeFile(join(location, 'photograph.jpg'), '')
    const node = await lonelyNode({ location })
    await node.stop()

    expect(await readdir(dirname(location))).to.deep.equal(['scores'])
  })
})

describe('A node whose score store can not be opened', () => {
  test('runs, says why in one line, counts it and begins to keep scores once the obstacle is gone', async () => {
    const directory = await temporaryDirectory()
    const location = join(directory, 'scores')
    await writeFile(location, 'a file')
    const [errors, info]: [string[], string[]] = [[], []]
    const registry = new Registry()
    const node = await lonelyNode({ location }, { errors, info, options: { metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }) } })
    const failures = async (): Promise<number> => Number(/score_store_failures_total\{problem="misplaced"\} (\d+)/.exec(await registry.metrics())?.[1] ?? 0)

    await expect.poll(failures, { timeout: 10_000 }).to.be.above(2)
    expect(errors.filter(line => line.includes(location))).to.deep.equal([
      `score store at ${location} can't be opened: there is a file where its directory should be; move the file or give another location. Until it can be used scores are kept in memory only`
    ])

    await rm(location)
    await fillStore({ location }, PEERS)
    await expect.poll(() => node.services.dht.scores.size, { timeout: 20_000 }).to.equal(PEERS)
    expect(info).to.include(`score store at ${location} can be used again`)
  })

  test('runs without the scores that another process has, and takes them in when that ends', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const holder = spawn(process.execPath, [join(import.meta.dirname, '../persistence/writing-process.ts'), location])
    await once(createInterface(holder.stdout), 'line')
    const errors: string[] = []
    const node = await lonelyNode({ location }, { errors })

    expect(node.services.dht.scores.size).to.equal(0)
    expect(errors.filter(line => line.includes('is in use by another process'))).to.have.length(1)
    holder.kill()
    await expect.poll(() => node.services.dht.scores.size, { timeout: 20_000 }).to.equal(PEERS)
    await node.stop()
    expect(await sizeOfStore({ location })).to.equal(PEERS)
  })

  test.each([
    ['a file where the directory should be', async (location: string) => { await writeFile(location, 'a file') }],
    ['a damaged store', async (location: string) => {
      await fillStore({ location }, 1)
      await writeFile(join(location, 'CURRENT'), 'nonsense')
    }]
  ])('does not start with %s when it insists on its scores, and moves nothing', async (_, prepare) => {
    const location = join(await temporaryDirectory(), 'scores')
    await prepare(location)
    const node = await lonelyNode({ location, strictStore: true }, { start: false })
    const error = await failureOf(node.start())

    expect(error).to.be.instanceOf(ScoreStoreError)
    expect(error?.message).to.include(location)
    expect(node.status).to.equal('stopped')
    expect(await readdir(dirname(location))).to.deep.equal(['scores'])

    await rm(location, { recursive: true })
    await node.start()
    expect(node.status).to.equal('started')
  })

  test('refuses another kind of strictness', async () => {
    await expect(lonelyNode({ strictStore: 'yes' as never })).rejects.toThrow('scoring: strictStore is yes, allowed are true and false')
  })

  test('is one of two that were given one directory, however it is spelled', async () => {
    const directory = await temporaryDirectory()
    const location = join(directory, 'scores')
    const link = join(directory, 'link')
    await mkdir(location)
    await symlink(location, link)
    await lonelyNode({ location })

    for (const spelling of [`${location}/`, relative(process.cwd(), location), `${location}/../${basename(location)}`, `${location}/.`, link]) {
      const error = await failureOf((await lonelyNode({ location: spelling, strictStore: true }, { start: false })).start())

      expect(error, spelling).to.be.instanceOf(ScoreStoreError)
      expect(error?.message).to.include(`score store at ${spelling} is in use by another process, or by another node in this one`)
    }
  })
})

describe('A node whose score store fails while it runs', () => {
  test.each([
    ['a full disk', Object.assign(new Error('IO error: 000003.log: No space left on device'), { code: 'LEVEL_IO_ERROR' }), 'the disk is full; make room on it'],
    ['no error at all', 'nonsense', 'nonsense; mend this'],
    ['nothing', undefined, 'undefined; mend this']
  ])('goes on with %s, says so once, and writes all of it when it can', async (_, thrown, reason) => {
    const level = new FailingLevel()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const [errors, info]: [string[], string[]] = [[], []]
    const node = await lonelyNode({ level }, { errors, info })
    const { scores } = node.services.dht
    const [{ id }] = scores.top(1)
    level.failWith({ thrown })
    const error = await failureOf(scores.delete(id))

    expect(error).to.be.instanceOf(ScoreStoreError)
    expect(error?.message).to.match(/^score store '.+' in the database given can't be written: /).and.to.include(reason)
    expect(error?.message).not.to.include('\n')
    expect(scores.get(id).record, 'it is forgotten in memory').to.equal(undefined)
    await expect.poll(() => level.failures, { timeout: 10_000 }).to.be.above(3)
    expect(errors.filter(line => line.includes(reason)), errors.join('\n')).to.have.length(1)

    level.failWith(undefined)
    await expect.poll(() => info.filter(line => line.includes('can be used again')), { timeout: 20_000 }).to.have.length(1)
    await node.stop()
    await node.start()
    expect(scores.size).to.equal(PEERS - 1)
  })

  test('stops while it fails', async () => {
    const level = new FailingLevel()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const errors: string[] = []
    const node = await lonelyNode({ level, flushIntervalMs: 3_600_000 }, { errors })
    hearFromOne(node)
    level.failWith({ thrown: new Error('out of order') })
    await node.stop()

    expect(node.status).to.equal('stopped')
    expect(errors.filter(line => line.includes('out of order'))).to.have.length(1)
  })

  test('tells who wants all forgotten that it is not on disk, and forgets it there later', async () => {
    const level = new FailingLevel()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const node = await lonelyNode({ level })
    level.failWith({ thrown: new Error('out of order') })

    await expect(node.services.dht.scores.clear()).rejects.toThrow(ScoreStoreError)
    expect(node.services.dht.scores.size).to.equal(0)
    level.failWith(undefined)
    await node.stop()
    await node.start()
    expect(node.services.dht.scores.size).to.equal(0)
  })

  test('stops after the owner closed its database, and finds it again when it is opened', async () => {
    const level = new MemoryLevel<string, string>()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const errors: string[] = []
    const node = await lonelyNode({ level }, { errors })
    hearFromOne(node)
    await level.close()
    await expect.poll(() => errors, { timeout: 10_000 }).to.include("score store '/test/kad/1.0.0' in the database given can't be used: the database is not open; open it before the node starts and close it after the node has stopped. Until it can be used scores are kept in memory only")
    await node.stop()
    expect(node.status).to.equal('stopped')

    await node.start()
    expect(node.status, 'closed all the same').to.equal('started')
    await level.open()
    const [{ id }] = node.services.dht.scores.top(1)
    await node.services.dht.scores.delete(id)
    await node.stop()
    await node.start()
    expect(node.services.dht.scores.size).to.equal(PEERS - 1)
  })

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('goes on and stops on a disk that is full, and stores all when there is room', async () => {
    const child = spawn('unshare', ['-m', process.execPath, join(import.meta.dirname, 'full-disk-process.ts'), await temporaryDirectory()], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface(child.stdout), 'line')

    expect(JSON.parse(line)).to.deep.equal({ whenFull: 'disk is full', stopped: 'stopped', startedWhenFull: 'started', afterwards: 2_000 })
  })
})

describe('A node whose score store hangs', () => {
  beforeEach(() => { hurriedTimers(5_000, { to: 500 }) })

  test('starts, and takes in what is read in the end', async () => {
    const datastore = new HangingDatastore()
    await fillDatastore(datastore)
    datastore.hang()
    const [errors, info]: [string[], string[]] = [[], []]
    const startedAt = performance.now()
    const node = await lonelyNode({}, { errors, info, options: { datastore } })

    expect(performance.now() - startedAt).to.be.below(PATIENCE_MS)
    expect(node.status).to.equal('started')
    expect(errors.filter(line => line.startsWith("score store at /dht/peer-scores/test/kad/1.0.0 in the node's datastore does not answer for 5 s"))).to.have.length(1)
    datastore.goOn()
    await expect.poll(() => node.services.dht.scores.size, { timeout: 10_000 }).to.equal(PEERS)
    await expect.poll(() => info).to.include("score store at /dht/peer-scores/test/kad/1.0.0 in the node's datastore can be used again")
  })

  test('restores nothing that was to be forgotten while it was being read', async () => {
    const datastore = new HangingDatastore()
    await fillDatastore(datastore)
    datastore.hang()
    const node = await lonelyNode({}, { options: { datastore } })
    const cleared = failureOf(node.services.dht.scores.clear())
    datastore.goOn()

    expect(await cleared).to.equal(undefined)
    expect(node.services.dht.scores.size).to.equal(0)
    await node.stop()
    await node.start()
    expect(node.services.dht.scores.size).to.equal(0)
  })

  test('stops while it is still being read', async () => {
    const datastore = new HangingDatastore()
    await fillDatastore(datastore)
    datastore.hang()
    const node = await lonelyNode({}, { options: { datastore } })
    const stoppedAt = performance.now()
    await node.stop()

    expect(performance.now() - stoppedAt).to.be.below(PATIENCE_MS)
    expect(node.status).to.equal('stopped')
    datastore.goOn()
  })

  test('stops, and lets go of the store when that answers again', async () => {
    const level = new FailingLevel()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const node = await lonelyNode({ level, flushIntervalMs: 3_600_000 })
    level.hang()
    const stoppedAt = performance.now()
    await node.stop()
    expect(performance.now() - stoppedAt).to.be.below(PATIENCE_MS)
    expect(node.status).to.equal('stopped')

    level.goOn()
    await node.start()
    expect(node.services.dht.scores.size).to.equal(PEERS)
  })

  test('starts with a database that its owner never opens', async () => {
    const level = new NeverOpenLevel()
    const node = await lonelyNode({ level })

    expect(node.status).to.equal('started')
    await node.stop()
    expect(node.status).to.equal('stopped')
  })
})

describe('A node whose datastore fails', () => {
  test('keeps what was read before it did, and starts', async () => {
    const datastore = new HangingDatastore()
    await fillDatastore(datastore)
    datastore.failAfter(3)
    const errors: string[] = []
    const node = await lonelyNode({}, { errors, options: { datastore } })

    expect(node.services.dht.scores.size).to.equal(3)
    expect(errors.filter(line => line.startsWith("score store at /dht/peer-scores/test/kad/1.0.0 in the node's datastore can't be read: unreadable"))).to.have.length(1)
    datastore.failAfter(Infinity)
    await expect.poll(() => node.services.dht.scores.size, { timeout: 10_000 }).to.equal(PEERS)
  })

  test('keeps scores all the same when it can never be read to its end', async () => {
    const datastore = new HangingDatastore()
    await fillDatastore(datastore)
    datastore.failAfter(3)
    const info: string[] = []
    const node = await lonelyNode({}, { info, options: { datastore } })
    await expect.poll(() => info.filter(line => line.includes('can be used again')), { timeout: 10_000 }).to.have.length(1)
    await node.services.dht.scores.clear()
    await node.stop()
    expect(node.status).to.equal('stopped')
    datastore.failAfter(Infinity)
    await node.start()
    expect(node.services.dht.scores.size).to.equal(0)
  })
})

describe('Two nodes that share a database', () => {
  test('have scores of their own: what the one forgets the other still knows', async () => {
    const level = new MemoryLevel<string, string>()
    await fillStore({ db: level, prefix: PROTOCOL }, PEERS)
    const first = await lonelyNode({ level })
    await first.stop()
    // it begins with what the other knew
    const second = await lonelyNode({ level })
    await first.start()
    expect(first.services.dht.scores.size).to.equal(PEERS)
    expect(second.services.dht.scores.size).to.equal(PEERS)

    await first.services.dht.scores.clear()
    await Promise.all([first.stop(), second.stop()])
    await Promise.all([first.start(), second.start()])
    expect(second.services.dht.scores.size).to.equal(PEERS)
    expect(first.services.dht.scores.size).to.equal(0)
  })
})

describe('A store of a later release', () => {
  test('is told of in one line, counted, and left as it is until all is to be forgotten', async () => {
    const level = new MemoryLevel<string, string>()
    await fillStore({ db: level, prefix: PROTOCOL }, 100)
    const old = level.sublevel<Uint8Array, Uint8Array>(PROTOCOL, { keyEncoding: 'view', valueEncoding: 'view' })
    const later = (await old.iterator().all()).slice(0, 90).map(([key, value]) => ({ type: 'put' as const, key, value: Uint8Array.of(200, ...value.subarray(1)) }))
    await old.batch(later)
    const errors: string[] = []
    const registry = new Registry()
    const node = await lonelyNode({ level }, { errors, options: { metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }) } })

    expect(errors.filter(line => line.includes('later release'))).to.deep.equal(['90 scores were written by a later release, which will find them again: they are left as they are'])
    expect(errors).to.have.length(1)
    expect(await registry.metrics()).to.include('score_unreadable_entries_total{reason="unknown-version"} 90')
    const mine = level.sublevel<Uint8Array, Uint8Array>(`${PROTOCOL}#${node.peerId.toString()}`, { keyEncoding: 'view', valueEncoding: 'view' })
    const laterRecords = async (): Promise<number> => (await mine.values().all()).filter(value => value[0] === 200).length
    await node.stop()
    expect(await laterRecords()).to.equal(90)

    await node.start()
    await node.services.dht.scores.clear()
    expect(await laterRecords(), 'all').to.equal(0)
  })
})

async function failureOf (work: void | Promise<void>): Promise<Error | undefined> {
  return Promise.resolve(work).then(() => undefined, (err: Error) => err)
}

async function eachFile (location: string, pattern: RegExp, change: (path: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(location)) {
    if (pattern.test(name)) {
      await change(join(location, name))
    }
  }
}

async function filesOf (location: string, pattern: RegExp): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  await eachFile(location, pattern, async path => { files[basename(path)] = await readFile(path) })

  return files
}

async function fillDatastore (datastore: MemoryDatastore): Promise<void> {
  await new DatastoreScoreStore({ datastore, prefix: '/dht/peer-scores/test/kad/1.0.0' }).write({ put: Array.from({ length: PEERS }, (_, n) => knownPeer(n)), delete: [] })
}

/** A database on a disk that fails or hangs for a time */
class FailingLevel extends MemoryLevel<string, string> {
  failures = 0
  #failure: { thrown: unknown } | undefined
  #hanging: PromiseWithResolvers<void> | undefined

  failWith (failure: { thrown: unknown } | undefined): void {
    this.#failure = failure
  }

  hang (): void {
    this.#hanging = Promise.withResolvers()
  }

  goOn (): void {
    this.#hanging?.resolve()
    this.#hanging = undefined
  }

  async _batch (...args: unknown[]): Promise<void> {
    await this.#work()
    // @ts-expect-error the engine's side of the database is not in its types
    await super._batch(...args)
  }

  async _clear (...args: unknown[]): Promise<void> {
    await this.#work()
    // @ts-expect-error as above
    await super._clear(...args)
  }

  async #work (): Promise<void> {
    await this.#hanging?.promise

    if (this.#failure !== undefined) {
      this.failures++
      throw this.#failure.thrown
    }
  }
}

class NeverOpenLevel extends MemoryLevel<string, string> {
  async _open (): Promise<void> {
    await new Promise(() => {})
  }
}

/** A datastore that keeps its answers back, or fails after some */
class HangingDatastore extends MemoryDatastore {
  #hanging: PromiseWithResolvers<void> | undefined
  #failAfter = Infinity

  hang (): void {
    this.#hanging = Promise.withResolvers()
  }

  goOn (): void {
    this.#hanging?.resolve()
    this.#hanging = undefined
  }

  failAfter (entries: number): void {
    this.#failAfter = entries
  }

  override async * query (...args: Parameters<MemoryDatastore['query']>): ReturnType<MemoryDatastore['query']> {
    const isOurs = args[0].prefix?.includes('peer-scores') === true
    let entries = 0

    for await (const pair of super.query(...args)) {
      if (isOurs && entries++ >= this.#failAfter) {
        throw new Error('unreadable')
      }

      yield pair
    }

    if (isOurs) {
      await this.#hanging?.promise
    }
  }
}

/** One of the peers has a score to be written */
function hearFromOne ({ services: { dht: { scores, scoredRoutingTable } } }: Awaited<ReturnType<typeof lonelyNode>>): void {
  const [{ id }] = scores.top(1)

  scoredRoutingTable.record({ peer: id.toString(), kadId: new Uint8Array(32) }, { type: 'responded', latencyMs: 50, setupMs: 0, dialled: false }, performance.timeOrigin + performance.now())
}
