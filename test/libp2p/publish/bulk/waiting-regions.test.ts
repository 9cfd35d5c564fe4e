import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { allRegions, waitingRegions } from '../../../../src/libp2p/publish/bulk/waiting-regions.ts'
import { PublishedKeys } from '../../../../src/persistence/published-keys.ts'
import { Region } from '../../../../src/publish/region.ts'
import type { NewKey } from '../../../../src/persistence/published/published-key.ts'

/** A key in the part of the keyspace that begins with this byte */
function keyAt (first: number): NewKey {
  return { kind: 'provider', key: Uint8Array.of(0x12, 0x20, first), kadId: Uint8Array.of(first, ...new Uint8Array(31).fill(first)) }
}

async function waiting (keys: PublishedKeys, length: number, dueBefore = -Infinity): Promise<string[]> {
  const found: string[] = []

  for await (const { region, isWhole } of waitingRegions(keys, length, dueBefore, new AbortController().signal)) {
    found.push(`${region}${isWhole ? '' : ' only what waits'}`)
  }

  return found
}

test('each region in which a key waits is named once, and whole until it was sent', async () => {
  const keys = new PublishedKeys({ db: new MemoryLevel(), timeOfDay: () => 1 })
  await keys.open()
  await keys.add([0x10, 0x11, 0x80, 0xc0, 0xff].map(keyAt))

  expect(await waiting(keys, 2)).toEqual(['00', '10', '11'])

  await keys.stored([{ ...keyAt(0x80), addedAt: 1 } as never])
  await keys.regionSent(new Region(keyAt(0xff).kadId, 2), 5)

  expect(await waiting(keys, 2)).toEqual(['00', '11 only what waits'])
  expect(await waiting(keys, 2, 6)).toEqual(['00', '11'])
})

test('all regions of a length make up the keyspace, in order', () => {
  expect([...allRegions(0)].map(String)).toEqual([''])
  expect([...allRegions(2)].map(String)).toEqual(['00', '01', '10', '11'])
  expect([...allRegions(7)]).toHaveLength(128)
})
