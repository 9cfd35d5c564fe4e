import fc from 'fast-check'
import all from 'it-all'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { OwnDatabase } from '../../../src/persistence/own-database.ts'
import { parsePrefix, prefixText } from '../../../src/persistence/published/keyspace-prefix.ts'
import { RegionTimes } from '../../../src/persistence/published/region-times.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import type { Database } from '../../../src/persistence/database.ts'

describe('the time at which a region was sent', () => {
  test('is that of the newest that covers the kad id', async () => {
    const times = await openTimes(new MemoryLevel())
    await times.sent(parsePrefix('0'), 10)
    await times.sent(parsePrefix('0110'), 20)
    await times.sent(parsePrefix('01101'), 15)

    expect(await Promise.all([0b1000_0000, 0b0000_0000, 0b0110_0000, 0b0110_1000].map(async byte => times.sentAt(Uint8Array.of(byte))))).toEqual([undefined, 10, 20, 20])
  })

  test.each(['', '0', '1', '01101001', '011010011'])('is known for a prefix of any length: %j', async text => {
    const times = await openTimes(new MemoryLevel())
    await times.sent(parsePrefix(text), 10)

    expect(await times.sentAt(parsePrefix(text.padEnd(16, '0')).bits)).toBe(10)
    expect(await times.sentAt(parsePrefix(text.padEnd(16, '1')).bits)).toBe(10)
    expect(await regionsOf(times)).toEqual([[text, 10]])
  })

  test('never goes back', async () => {
    const times = await openTimes(new MemoryLevel())
    await times.sent(parsePrefix('01'), 20)
    await times.sent(parsePrefix('01'), 10)

    expect(await times.sentAt(Uint8Array.of(0b0100_0000))).toBe(20)
  })

  test('goes back when the clock was ahead: for the region, its parts and those around it', async () => {
    const times = await openTimes(new MemoryLevel())
    await times.sent(parsePrefix(''), 1_000)
    await times.sent(parsePrefix('01'), 1_001)
    await times.sent(parsePrefix('0110'), 1_002)
    await times.sent(parsePrefix('1'), 1_003)
    await times.sent(parsePrefix('01'), 10, true)

    expect(await regionsOf(times)).toEqual([['', 10], ['01', 10], ['1', 1_003]])
  })

  test('of all of a region is that of its oldest part, and none where a part has none', async () => {
    const times = await openTimes(new MemoryLevel())
    const of = async (text: string): Promise<number | undefined> => times.allSentAt(parsePrefix(text))
    await times.sent(parsePrefix('00'), 30)
    await times.sent(parsePrefix('010'), 20)

    expect(await of('0')).toBeUndefined()
    expect(await of('00')).toBe(30)
    expect(await of('0011')).toBe(30)

    await times.sent(parsePrefix('011'), 10)
    expect(await of('0')).toBe(10)
    expect(await of('01')).toBe(10)
    expect(await of('')).toBeUndefined()

    await times.sent(parsePrefix('0'), 15)
    // newer parts stay as they are
    expect(await of('0')).toBe(15)
    expect(await of('010')).toBe(20)
  })

  test('replaces those of its parts that are not newer', async () => {
    const times = await openTimes(new MemoryLevel())

    for (const [text, atMs] of [['00', 10], ['01', 30], ['011', 20], ['1', 10]] as const) {
      await times.sent(parsePrefix(text), atMs)
    }

    await times.sent(parsePrefix('0'), 20)

    expect(await regionsOf(times)).toEqual([['0', 20], ['01', 30], ['1', 10]])
  })

  test('replaces more parts than are read at a time', async () => {
    const times = await openTimes(new MemoryLevel())

    for (let n = 0; n < 2_500; n++) {
      await times.sent({ bits: Uint8Array.of(n >> 8, n), length: 16 }, 10)
    }

    expect(await regionsOf(times)).toHaveLength(2_500)
    await times.sent(parsePrefix(''), 20)
    expect(await regionsOf(times)).toEqual([['', 20]])
  })

  test('is on the disk, for whoever opens it again', async () => {
    const own = new OwnDatabase(await temporaryDirectory())
    await (await openTimes(await own.open())).sent(parsePrefix('0110'), 10)
    await own.close()
    const times = await openTimes(await own.open())

    expect(await times.sentAt(Uint8Array.of(0b0110_1111))).toBe(10)
    await own.close()
  })

  test('counts as none where it is damaged, and no other is lost', async () => {
    const db = new MemoryLevel()
    const times = await openTimes(db)
    await times.sent(parsePrefix('00'), 10)
    await times.sent(parsePrefix('01'), 10)
    const table = db.sublevel<string, Uint8Array>('regions', { valueEncoding: 'view' })
    const bytes = new Uint8Array(await table.get('00') ?? [])
    bytes[5] ^= 1
    await table.put('00', bytes)

    expect(await times.sentAt(Uint8Array.of(0b0000_0000))).toBeUndefined()
    expect(await times.sentAt(Uint8Array.of(0b0100_0000))).toBe(10)
    expect(await regionsOf(times)).toEqual([['01', 10]])
    await times.sent(parsePrefix('00'), 5)
    expect(await times.sentAt(Uint8Array.of(0b0000_0000))).toBe(5)
  })

  test('is what a list of all that was sent would say', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 8 }), fc.nat(100)), { maxLength: 20 }), fc.nat(255), async (sent, byte) => {
      const times = await openTimes(new MemoryLevel())

      for (const [text, atMs] of sent) {
        await times.sent(parsePrefix(text), atMs)
      }

      const kadId = Uint8Array.of(byte)
      const covering = sent.filter(([text]) => prefixText({ bits: kadId, length: 8 }).startsWith(text)).map(([, atMs]) => atMs)

      expect(await times.sentAt(kadId)).toBe(covering.length === 0 ? undefined : Math.max(...covering))
    }))
  })
})

async function openTimes (db: Database): Promise<RegionTimes> {
  await db.open()
  const times = new RegionTimes(db)
  await times.open()

  return times
}

async function regionsOf (times: RegionTimes): Promise<Array<[string, number]>> {
  return (await all(times.list())).map(({ prefix, sentAt }) => [prefixText(prefix), sentAt])
}
