import { describe, expect, test } from 'vitest'
import { TableLayout, sharedLeafBits } from '../../../../benchmarks/simulator/tables/table-layout.ts'

const layout = new TableLayout(20, 10_000)
const own = 0b10110100 << 24 >>> 0

describe('the layout of a table', () => {
  test('has a bucket for each common prefix length for which the network has more than k peers, and one for the rest', () => {
    expect(layout.depth).toBe(9)
    expect(layout.cells('go-kad-dht')).toBe(10)
    expect(layout.cell('go-kad-dht', own, 0)).toBe(0)
    expect(layout.cell('go-kad-dht', own, 0b10110000 << 24 >>> 0)).toBe(5)
    expect(layout.cell('go-kad-dht', own, own + 1)).toBe(9)
  })

  test('has a leaf of kad-dht for each absolute prefix of six bits, whoever the owner is', () => {
    expect(layout.cells('kad-dht')).toBe(64)
    expect(layout.cell('kad-dht', own, 0b10110100 << 24 >>> 0)).toBe(0b101101)
    expect(layout.cell('kad-dht', 0, 0b10110100 << 24 >>> 0)).toBe(0b101101)
  })

  test('knows how many bits two leaves share', () => {
    expect(sharedLeafBits(0b101101, 0b001101)).toBe(0)
    expect(sharedLeafBits(0b101101, 0b101100)).toBe(5)
    expect(sharedLeafBits(0b101101, 0b101101)).toBe(6)
  })

  test('lets a scored table remember its neighbourhood beside its leaves', () => {
    expect(layout.rememberedCell(own, 0)).toBeUndefined()
    expect(layout.rememberedCell(own, 0b10110110 << 24 >>> 0)).toBe(64)
    expect(layout.rememberedCell(own, own)).toBe(layout.cells('scored') - 1)
  })

  test('has room for k entries in each cell and for more in the one that stands for many', () => {
    expect(layout.entries('kad-dht')).toBe(64 * 20)
    expect(layout.capacity('go-kad-dht', 8)).toBe(20)
    expect(layout.capacity('go-kad-dht', 9)).toBe(60)
    expect(layout.entries('go-kad-dht')).toBe(9 * 20 + 60)
  })
})
