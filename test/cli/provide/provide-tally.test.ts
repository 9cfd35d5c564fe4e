import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { ProvideTally, cidText } from '../../../src/cli/provide/provide-tally.ts'
import type { BulkPutEvent } from '../../../src/libp2p/publish/bulk/bulk-publisher.ts'

function multihash (n: number): Uint8Array {
  return Uint8Array.of(0x12, 2, n >> 8, n & 0xff)
}

function key (n: number, result: 'stored' | 'failed'): BulkPutEvent {
  return { type: 'key', kind: 'provider', key: multihash(n), result, holders: 20 }
}

function progress (stored: number, failed: number, waiting: number): BulkPutEvent {
  return { type: 'progress', stored, failed, waiting, regions: 1, regionsFailed: 0 }
}

function tallyOf (total: number, ...events: BulkPutEvent[]): ProvideTally {
  const tally = new ProvideTally(total)
  events.forEach(event => { tally.add(event) })

  return tally
}

describe('the tally of a bulk put', () => {
  test('counts key by key, and is set right by what waits', () => {
    const tally = tallyOf(10, { type: 'added', keys: 0 }, key(1, 'stored'), key(2, 'stored'), key(3, 'failed'))

    expect(tally).toMatchObject({ total: 10, stored: 2, failed: 1, failures: [cidText(multihash(3))] })
    tally.add(progress(2, 1, 9))
    expect(tally.stored).toBe(1)
    tally.add(key(4, 'stored'))
    expect(tally.stored).toBe(2)
  })

  test('counts a key that is stored at last as stored, and no longer as a failure', () => {
    const tally = tallyOf(2, key(1, 'failed'), key(2, 'stored'), progress(1, 1, 1), key(1, 'stored'), progress(1, 0, 0))

    expect(tally).toMatchObject({ stored: 2, failed: 0, failures: [] })
  })

  test('counts no more than waited, where keys are sent that were stored before', () => {
    expect(tallyOf(1, key(1, 'stored'), key(2, 'stored'), key(3, 'stored')).stored).toBe(1)
  })

  test('keeps a thousand failures at most', () => {
    const tally = tallyOf(2_000, ...Array.from({ length: 2_000 }, (_, n) => key(n, 'failed')))

    expect(tally.failed).toBe(2_000)
    expect(tally.failures.length).toBe(1_000)
  })
})

test('a multihash in text is a CID that has it', () => {
  expect(CID.parse(cidText(multihash(7))).multihash.bytes).toEqual(multihash(7))
})
