import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import all from 'it-all'
import { MemoryLevel } from 'memory-level'
import { afterEach, describe, expect, test } from 'vitest'
import { OwnDatabase } from '../../src/persistence/own-database.ts'
import { PublishedKeys } from '../../src/persistence/published-keys.ts'
import { parsePrefix, prefixText, WHOLE_KEYSPACE } from '../../src/persistence/published/keyspace-prefix.ts'
import { encodePlace } from '../../src/persistence/published/published-key-codec.ts'
import { byKadId, providerKey, providerKeys, valueKey } from './published/published-keys.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import type { Database } from '../../src/persistence/database.ts'
import type { NewKey, PublishedKey, UnreadableKey } from '../../src/persistence/published/published-key.ts'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'

const NOW = 1_700_000_000_000

const opened: PublishedKeys[] = []

afterEach(async () => { await Promise.all(opened.splice(0).map(async keys => keys.close())) })

describe.each<[string, () => Promise<Database | string>]>([
  ['in LevelDB', temporaryDirectory],
  ['in memory', async () => new MemoryLevel()]
])('published keys %s', (_, place) => {
  test('are added, listed in the order of their kad ids, and there once', async () => {
    const keys = await open(await place())
    const added = [...providerKeys(0, 20), valueKey(1)]

    expect(await keys.add(added)).toEqual({ added: 21, changed: 0, known: 0 })
    expect(await keys.add([...added, providerKey(20), providerKey(20)])).toEqual({ added: 1, changed: 0, known: 22 })
    expect(await all(keys.list())).toEqual(byKadId([...added, providerKey(20)]).map(key => ({ ...key, addedAt: NOW })))
    expect([keys.size, keys.queued]).toEqual([22, 22])
  })

  test('may be a provider record and a value under one kad id', async () => {
    const keys = await open(await place())
    const { kadId } = providerKey(1)
    await keys.add([{ ...valueKey(1), kadId }, providerKey(1)])

    expect((await all(keys.list())).map(({ kind }) => kind)).toEqual(['provider', 'value'])
  })

  test('are removed, and there or not', async () => {
    const keys = await open(await place())
    await keys.add([providerKey(1), providerKey(2), valueKey(1)])
    await keys.remove([providerKey(1), valueKey(1), providerKey(9)])

    expect(await Promise.all([providerKey(1), providerKey(2), valueKey(1)].map(async key => keys.has(key)))).toEqual([false, true, false])
    expect([keys.size, keys.queued]).toEqual([1, 1])
    expect(await all(keys.list({ onlyQueued: true }))).toHaveLength(1)
  })

  test('wait until they are stored, and again when that has failed', async () => {
    const keys = await open(await place())
    await keys.add(providerKeys(0, 10))
    const waiting = await all(keys.list({ onlyQueued: true }))
    await keys.stored(waiting.slice(2))
    expect(await all(keys.list({ onlyQueued: true }))).toEqual(waiting.slice(0, 2))
    await keys.failed([waiting[9], providerKey(99)])

    expect(await all(keys.list({ onlyQueued: true }))).toEqual([...waiting.slice(0, 2), waiting[9]])
    expect([keys.size, keys.queued]).toEqual([10, 3])
  })

  test('wait on when they got another value while they were stored', async () => {
    const keys = await open(await place())
    await keys.add([valueKey(1, 'old'), valueKey(2, 'old')])
    const sent = await all(keys.list({ onlyQueued: true }))
    expect(await keys.add([valueKey(1, 'new')])).toEqual({ added: 0, changed: 1, known: 0 })
    await keys.stored(sent)

    expect(await all(keys.list({ onlyQueued: true }))).toEqual([{ ...valueKey(1, 'new'), addedAt: NOW }])
  })

  test.each(['', '0', '11', '0110', '101010'])('under the prefix %j are read, more than are read at a time', async text => {
    const keys = await open(await place())
    const added = providerKeys(0, 2_500)
    await keys.add(added)
    const waiting = byKadId(added).filter((_, n) => n % 3 === 0)
    await keys.stored(byKadId(added).filter((_, n) => n % 3 !== 0).map(key => ({ ...key, addedAt: NOW })))
    const isUnder = ({ kadId }: NewKey): boolean => prefixText({ bits: kadId, length: text.length }) === text

    expect((await all(keys.range(parsePrefix(text)))).map(({ key }) => key)).toEqual(byKadId(added).filter(isUnder).map(({ key }) => key))
    expect((await all(keys.range(parsePrefix(text), { onlyQueued: true }))).map(({ key }) => key)).toEqual(waiting.filter(isUnder).map(({ key }) => key))
  })

  test('may be stored and removed while they are read', async () => {
    const keys = await open(await place())
    await keys.add(providerKeys(0, 2_500))
    let read = 0

    for await (const key of keys.list({ onlyQueued: true })) {
      await (read++ % 2 === 0 ? keys.stored([key]) : keys.remove([key]))
    }

    expect([read, keys.size, keys.queued]).toEqual([2_500, 1_250, 0])
  })

  test('know when their region was sent', async () => {
    const keys = await open(await place())
    await keys.regionSent(parsePrefix('01'), 10)
    await keys.regionSent(parsePrefix('0110'), 20)

    expect(await keys.sentAt(Uint8Array.of(0b0110_0000))).toBe(20)
    expect(await keys.sentAt(Uint8Array.of(0b0100_0000))).toBe(10)
    expect(await keys.sentAt(Uint8Array.of(0b1000_0000))).toBeUndefined()
    expect((await all(keys.regions())).map(({ prefix, sentAt }) => [prefixText(prefix), sentAt])).toEqual([['01', 10], ['0110', 20]])
  })

  test('are all there when they are opened again', async () => {
    const at = await place()
    const keys = await open(at)
    await keys.add(providerKeys(0, 1_500))
    await keys.stored((await all(keys.list())).slice(500))
    await keys.regionSent(WHOLE_KEYSPACE, 10)
    await keys.close()
    await keys.close()
    const again = await open(at)

    expect([again.size, again.queued, await again.sentAt(Uint8Array.of(1))]).toEqual([1_500, 500, 10])
    expect(await all(again.list())).toHaveLength(1_500)
    expect(await all(again.list({ onlyQueued: true }))).toHaveLength(500)
  })

  test('are counted right by calls that overlap', async () => {
    const keys = await open(await place())
    const results = await Promise.all([keys.add(providerKeys(0, 3_000)), keys.add(providerKeys(1_500, 4_000)), keys.remove(providerKeys(0, 100))])

    // a key may be removed before the second adds it
    expect(results[0].added + results[1].added).toBeGreaterThanOrEqual(4_000)
    expect(keys.size).toBe((await all(keys.list())).length)
    expect(keys.queued).toBe((await all(keys.list({ onlyQueued: true }))).length)
  })

  test('are taken from a stream as they are written, and tell how many are safe', async () => {
    const keys = await open(await place())
    const told: number[] = []
    let made = 0

    async function * stream (): AsyncGenerator<NewKey> {
      for (; made < 2_500; made++) {
        // what was made before the batch that is not full yet is on the disk
        expect(keys.size).toBe(made - made % 1_000)
        yield providerKey(made)
      }
    }

    await keys.add(stream(), { onAdded: ({ added }) => { told.push(added) } })
    expect(told).toEqual([1_000, 2_000, 2_500])
  })

  test('leave an entry that a later release wrote, and report it', async () => {
    const at = await place()
    const keys = await open(at)
    await keys.add(providerKeys(0, 10))
    const { kadId } = byKadId(providerKeys(0, 10))[4]
    await keys.close()
    const own = typeof at === 'string' ? new OwnDatabase(at) : undefined
    await changeRecord(await own?.open() ?? at as Database, kadId, record => { record[0] = 99 })
    await own?.close()
    const again = await open(at)
    const unreadable: UnreadableKey[] = []

    for (let n = 1; n <= 2; n++) {
      expect(await all(again.list({ onUnreadable: entry => { unreadable.push(entry) } }))).toHaveLength(9)
      expect(unreadable).toHaveLength(n)
      expect([again.size, again.queued]).toEqual([10, 10])
    }

    expect(unreadable[0]).toEqual({ kadId, kind: 'provider', reason: 'unknown-version' })
    expect(await again.has({ kadId, kind: 'provider' })).toBe(false)
    await again.remove([{ kadId, kind: 'provider' }])
    expect(again.size).toBe(9)
  })

  test('lose one to a damaged entry, which is reported and forgotten', async () => {
    const at = await place()
    const keys = await open(at)
    await keys.add(providerKeys(0, 10))
    await keys.close()
    await damage(at, byKadId(providerKeys(0, 10))[4].kadId)
    const again = await open(at)
    const unreadable: UnreadableKey[] = []
    const onUnreadable = (entry: UnreadableKey): void => { unreadable.push(entry) }
    expect(await all(again.list({ onUnreadable }))).toHaveLength(9)

    expect(unreadable).toEqual([{ kadId: byKadId(providerKeys(0, 10))[4].kadId, kind: 'provider', reason: 'damaged' }])
    expect([again.size, again.queued]).toEqual([9, 9])
    expect(await all(again.list({ onlyQueued: true, onUnreadable }))).toHaveLength(9)
    expect(unreadable).toHaveLength(1)
    expect(await again.add(providerKeys(0, 10))).toEqual({ added: 1, changed: 0, known: 9 })
  })
})

describe('published keys in a damaged file', () => {
  test('are read as far as they can be, and the error comes last', async () => {
    const at = await temporaryDirectory()
    const keys = await open(at)
    await keys.add(providerKeys(0, 20_000))
    await keys.close()
    const [table] = (await readdir(at)).filter(name => name.endsWith('.ldb')).toSorted()
    const bytes = await readFile(join(at, table))
    // some blocks in the middle
    const middle = bytes.byteLength >> 1
    bytes.fill(0xff, middle, middle + 5_000)
    await writeFile(join(at, table), bytes)
    const again = await open(at)

    for (const onlyQueued of [false, true]) {
      let read = 0

      await expect((async () => {
        for await (const { kind } of again.list({ onlyQueued })) {
          read += Number(kind === 'provider')
        }
      })()).rejects.toMatchObject({ name: 'PublishStoreError', problem: 'damaged' })
      expect(read).toBeGreaterThan(19_700)
      expect(read).toBeLessThan(20_000)
    }
  })

  test('that wait and have lost their record are reported, and wait no longer', async () => {
    const db = new MemoryLevel()
    const keys = await open(db)
    await keys.add([providerKey(1), valueKey(1)])
    await db.sublevel('published-keys').sublevel<Uint8Array, Uint8Array>('keys', { keyEncoding: 'view' }).del(encodePlace(valueKey(1)))
    const unreadable: UnreadableKey[] = []

    expect(await all(keys.list({ onlyQueued: true, onUnreadable: entry => { unreadable.push(entry) } }))).toHaveLength(1)
    expect(unreadable).toEqual([{ kadId: valueKey(1).kadId, kind: 'value', reason: 'damaged' }])
    expect(keys.queued).toBe(1)
  })
})

describe('published keys with what is none', () => {
  test('keep the batches before it', async () => {
    const keys = await open(new MemoryLevel())
    const bad = { ...providerKey(1), kind: 'block' } as unknown as NewKey

    await expect(keys.add([...providerKeys(0, 1_500), bad])).rejects.toThrow(TypeError)
    expect(keys.size).toBe(1_000)
  })

  test('keep the batches before an error of the source, which is thrown as it is', async () => {
    const keys = await open(new MemoryLevel())
    const error = new Error('the source failed')

    async function * failing (): AsyncGenerator<NewKey> {
      yield * providerKeys(0, 1_500)
      throw error
    }

    await expect(keys.add(failing())).rejects.toBe(error)
    expect(keys.size).toBe(1_000)
  })

  test('refuse a prefix of more bits than there are', async () => {
    const keys = await open(new MemoryLevel())

    await expect(all(keys.range({ bits: new Uint8Array(1), length: 9 }))).rejects.toThrow(RangeError)
    await expect(keys.regionSent({ bits: new Uint8Array(1), length: 9 }, 10)).rejects.toThrow(RangeError)
  })
})

describe('published keys that are given up on', () => {
  test.each<[string, (keys: PublishedKeys, signal: AbortSignal) => Promise<unknown>]>([
    ['open', async (keys, signal) => keys.open({ signal })],
    ['add', async (keys, signal) => keys.add([providerKey(1)], { signal })],
    ['remove', async (keys, signal) => keys.remove([providerKey(1)], { signal })],
    ['stored', async (keys, signal) => keys.stored([published(1)], { signal })],
    ['failed', async (keys, signal) => keys.failed([providerKey(1)], { signal })],
    ['has', async (keys, signal) => keys.has(providerKey(1), { signal })],
    ['list', async (keys, signal) => all(keys.list({ signal }))],
    ['regionSent', async (keys, signal) => keys.regionSent(WHOLE_KEYSPACE, 10, { signal })],
    ['sentAt', async (keys, signal) => keys.sentAt(providerKey(1).kadId, { signal })],
    ['regions', async (keys, signal) => all(keys.regions({ signal }))]
  ])('throw the reason of the signal from %s', async (_, call) => {
    const keys = await open(new MemoryLevel())

    await expect(call(keys, AbortSignal.abort(new Error('no longer')))).rejects.toThrow(/^no longer$/)
  })

  test('do not wait for a source that says nothing, and have the batches before', async () => {
    const keys = await open(new MemoryLevel())
    const giveUp = new AbortController()

    async function * stuck (): AsyncGenerator<NewKey> {
      yield * providerKeys(0, 1_001)
      giveUp.abort(new Error('no longer'))
      await new Promise(() => {})
    }

    await expect(keys.add(stuck(), { signal: giveUp.signal })).rejects.toThrow('no longer')
    expect(keys.size).toBe(1_000)
  })

  test('end in the middle of a read', async () => {
    const keys = await open(new MemoryLevel())
    await keys.add(providerKeys(0, 10))
    const giveUp = new AbortController()
    let read = 0

    await expect((async () => {
      for await (const { kind } of keys.list({ signal: giveUp.signal })) {
        read += Number(kind === 'provider')
        giveUp.abort(new Error('no longer'))
      }
    })()).rejects.toThrow('no longer')
    expect(read).toBe(1)
  })

  test.each([['before their turn', async () => {}], ['in the middle', async () => new Promise(resolve => { setImmediate(resolve) })]])('are not open when that was given up while they were opened, %s, and can be opened then', async (_, moment) => {
    const keys = new PublishedKeys({ location: await temporaryDirectory(), timeOfDay: () => NOW })
    opened.push(keys)
    const giveUp = new AbortController()
    const opening = keys.open({ signal: giveUp.signal })
    await moment()
    giveUp.abort(new Error('no longer'))
    await expect(opening).rejects.toThrow('no longer')
    // it is asked when the opening has come to its end
    await expect(keys.regionSent(WHOLE_KEYSPACE, 1)).rejects.toThrow(/ is not open$/)
    expect(() => keys.size).toThrow(/ is not open$/)
    await keys.open()
    expect(keys.size).toBe(0)
  })
})

describe('published keys that can not be used say so', () => {
  test('when another process has them, and open once that is gone', async () => {
    const location = await temporaryDirectory()
    const holder = startProcess(location)
    await once(createInterface(holder.stdout), 'line')
    const keys = new PublishedKeys({ location, timeOfDay: () => NOW })

    await expect(keys.open()).rejects.toMatchObject({
      name: 'PublishStoreError',
      problem: 'in-use',
      message: `database of published keys at ${location} is in use by another process, or by another node in this one; stop that one or give another location`
    })
    holder.kill()
    await once(holder, 'exit')
    await keys.open()
    await keys.close()
  })

  test('when they are damaged, and lock nothing then', async () => {
    const location = await temporaryDirectory()
    const before = await open(location)
    await before.add([providerKey(1)])
    await before.close()
    const current = await readFile(join(location, 'CURRENT'))
    await writeFile(join(location, 'CURRENT'), 'nonsense')

    await expect(new PublishedKeys({ location, timeOfDay: () => NOW }).open()).rejects.toMatchObject({
      name: 'PublishStoreError',
      problem: 'damaged',
      message: expect.stringMatching(/^database of published keys at .* is damaged: .*; move it away, a new one is then begun, and add the keys again$/)
    })
    await writeFile(join(location, 'CURRENT'), current)
    expect((await open(location)).size).toBe(1)
  })

  test('when something else is in their place', async () => {
    const location = join(await temporaryDirectory(), 'file')
    await writeFile(location, 'mine')

    await expect(new PublishedKeys({ location, timeOfDay: () => NOW }).open()).rejects.toMatchObject({ name: 'PublishStoreError', problem: 'misplaced' })
  })

  test('when they are not open', async () => {
    const keys = await open(new MemoryLevel())
    await keys.close()

    for (const call of [keys.add([]), keys.remove([]), keys.has(providerKey(1)), all(keys.list()), keys.sentAt(providerKey(1).kadId), keys.regionSent(WHOLE_KEYSPACE, 1)]) {
      await expect(call).rejects.toMatchObject({ name: 'PublishStoreError', problem: 'closed', message: "database of published keys 'published-keys' in the database given is not open" })
    }
  })

  test('when their owner has closed the database under them', async () => {
    const db = new MemoryLevel()
    const keys = await open(db)
    await keys.add(providerKeys(0, 3_000))
    const reading = keys.list()
    await reading.next()
    await db.close()

    for (const call of [keys.add([providerKey(1)]), keys.has(providerKey(1)), all(reading), all(keys.list()), keys.sentAt(providerKey(1).kadId), keys.regionSent(WHOLE_KEYSPACE, 1), all(keys.regions())]) {
      await expect(call).rejects.toMatchObject({ name: 'PublishStoreError', problem: 'closed' })
    }
  })

  test('when the disk takes no more: the call fails, and nothing is counted that is not there', async () => {
    const location = await temporaryDirectory()
    const keys = await open(location)
    await rm(location, { recursive: true })

    await expect((async () => { await keys.add(endless()) })()).rejects.toMatchObject({ name: 'PublishStoreError', message: expect.stringMatching(/^database of published keys at .*; .*$/) })
    await keys.close().catch(() => {})
  })
})

describe('published keys of a process that is killed', () => {
  test('in the middle of adding are all there that it has confirmed, and counted', async () => {
    const location = await temporaryDirectory()
    const confirmed = await killAfter(startProcess(location, 'add'), 10_000)
    const keys = await open(location)
    const listed = await all(keys.list())

    expect(keys.size).toBeGreaterThanOrEqual(confirmed)
    // the batch under way when it was killed is there whole or not at all
    expect(keys.size % 1_000).toBe(0)
    expect(listed.map(({ key }) => key)).toEqual(byKadId(providerKeys(0, keys.size)).map(({ key }) => key))
    expect(await all(keys.list({ onlyQueued: true }))).toEqual(listed)
    expect(keys.queued).toBe(keys.size)
  })

  test('in the middle of storing wait no longer when it has confirmed that, and the others do', async () => {
    const location = await temporaryDirectory()
    const before = await open(location)
    await before.add(providerKeys(0, 20_000))
    await before.close()
    const confirmed = await killAfter(startProcess(location, 'store'), 2_000)
    const keys = await open(location)
    const listed = await all(keys.list())
    const waiting = await all(keys.list({ onlyQueued: true }))
    const stored = 20_000 - waiting.length

    expect(stored).toBeGreaterThanOrEqual(confirmed)
    expect(stored).toBeLessThan(20_000)
    expect(stored % 100).toBe(0)
    expect(listed).toHaveLength(20_000)
    expect(waiting).toEqual(listed.slice(stored))
    expect([keys.size, keys.queued]).toEqual([20_000, waiting.length])
  })
})

async function open (at: Database | string): Promise<PublishedKeys> {
  const keys = new PublishedKeys({ ...typeof at === 'string' ? { location: at } : { db: at }, timeOfDay: () => NOW })
  opened.push(keys)
  await keys.open()

  return keys
}

function published (n: number): PublishedKey {
  return { ...providerKey(n), addedAt: NOW }
}

function * endless (): Generator<NewKey> {
  for (let n = 0; ; n++) {
    yield providerKey(n)
  }
}

/** Flips a bit of the record of this kad id: on the disk, in a table; in memory, in the entry */
async function damage (at: Database | string, kadId: Uint8Array): Promise<void> {
  if (typeof at !== 'string') {
    await changeRecord(at, kadId, record => { record[20] ^= 1 })

    return
  }

  for (const name of await readdir(at)) {
    const file = join(at, name)
    const bytes = await readFile(file)
    const index = bytes.indexOf(Buffer.concat([Buffer.from('!keys!'), kadId]))

    if (index !== -1 && name.endsWith('.ldb')) {
      // the prefix, the place with what the engine keeps behind it, and the record's head
      bytes[index + 6 + 33 + 8 + 20] ^= 1
      await writeFile(file, bytes)
    }
  }
}

async function changeRecord (db: Database, kadId: Uint8Array, change: (record: Uint8Array) => void): Promise<void> {
  const table = db.sublevel('published-keys').sublevel<Uint8Array, Uint8Array>('keys', { keyEncoding: 'view', valueEncoding: 'view' })
  const [[place, record]] = await table.iterator({ gte: kadId, limit: 1 }).all()
  change(record)
  await table.put(place, record)
}

function startProcess (location: string, task = ''): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(import.meta.dirname, 'publishing-process.ts'), location, task])
}

/** Kill a process when it has confirmed so many, and say how many it has confirmed in the end */
async function killAfter (child: ChildProcessWithoutNullStreams, least: number): Promise<number> {
  let confirmed = 0

  for await (const line of createInterface(child.stdout)) {
    confirmed = Number(line)

    if (confirmed >= least && !child.killed) {
      child.kill('SIGKILL')
    }
  }

  expect(confirmed).toBeGreaterThanOrEqual(least)

  return confirmed
}
