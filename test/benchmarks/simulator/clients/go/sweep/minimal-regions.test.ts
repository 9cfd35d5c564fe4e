import { expect, test } from 'vitest'
import { minimalRegions } from '../../../../../../benchmarks/simulator/clients/go/sweep/minimal-regions.ts'
import { Region } from '../../../../../../src/publish/region.ts'

const EVERYWHERE = new Region(Uint8Array.of(0), 0)

function prefixes (kadIds: number[], k: number, prefix = EVERYWHERE): Array<[string, number[]]> {
  return minimalRegions(prefix, kadIds.map(peer => ({ peer, kadId: Uint8Array.of(peer) })), k).map(({ prefix, peers }) => [prefix.toString(), peers.map(({ peer }) => peer)])
}

test('splits while both halves have k peers', () => {
  expect(prefixes([0, 1, 64, 65, 128, 129], 2)).toEqual([['00', [0, 1]], ['01', [64, 65]], ['1', [128, 129]]])
})

test('keeps halves together of which one has too few', () => {
  expect(prefixes([0, 1, 2, 3, 4, 128], 2)).toEqual([['', [0, 1, 2, 3, 4, 128]]])
})

test('leaves out who is not under the prefix', () => {
  expect(prefixes([0, 1, 128], 1, new Region(Uint8Array.of(128), 1))).toEqual([['1', [128]]])
  expect(prefixes([0], 1, new Region(Uint8Array.of(128), 1))).toEqual([])
})
