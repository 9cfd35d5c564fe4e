import { describe, expect, test } from 'vitest'
import { TableEntries } from '../../../../benchmarks/simulator/tables/table-entries.ts'
import { TableLayout } from '../../../../benchmarks/simulator/tables/table-layout.ts'
import { smallWorld } from './small-world.ts'

const { population } = smallWorld([{ id: 1 }, { id: 60, implementation: 'scored' }, { id: 120, implementation: 'kad-dht' }, { id: 180 }])
const peersOf = (entries: TableEntries, owner: number, cell: number): number[] => [...entries.peer.subarray(entries.start(owner, cell), entries.end(owner, cell))]

describe('the entries of all tables', () => {
  test('knows whether all tables are of one implementation', () => {
    const alike = smallWorld([{ id: 1 }, { id: 60 }]).population

    expect(new TableEntries(alike, new TableLayout(2, 2)).areAll('go-kad-dht')).toBe(true)
    expect(new TableEntries(alike, new TableLayout(2, 2)).areAll('scored')).toBe(false)
    expect(new TableEntries(population, new TableLayout(2, 4)).areAll('go-kad-dht')).toBe(false)
  })

  test('keeps the tables of all owners apart', () => {
    const entries = new TableEntries(population, new TableLayout(2, 4))

    for (let owner = 0; owner < 4; owner++) {
      for (let cell = 0; cell < entries.layout.cells(entries.implementation(owner)); cell++) {
        entries.add(owner, cell, 10 * owner, 0, false)
        entries.add(owner, cell, 10 * owner + 1, 0, false)
      }
    }

    for (let owner = 0; owner < 4; owner++) {
      for (let cell = 0; cell < entries.layout.cells(entries.implementation(owner)); cell++) {
        expect(peersOf(entries, owner, cell)).toEqual([10 * owner, 10 * owner + 1])
      }
    }
  })

  test('moves the later entries of a cell up when one leaves, with all that is known of them', () => {
    const entries = new TableEntries(population, new TableLayout(3, 4))
    entries.add(1, 5, 7, 100, false)
    entries.add(1, 5, 8, 200, true)
    entries.reliability[entries.add(1, 5, 9, 300, true)] = 0.5
    entries.remove(1, 5, entries.find(1, 5, 8))

    expect(peersOf(entries, 1, 5)).toEqual([7, 9])
    expect(entries.answeredAtS[entries.find(1, 5, 9)]).toBe(300)
    expect(entries.dialledUsAtS[entries.find(1, 5, 9)]).toBe(300)
    expect(entries.reliability[entries.find(1, 5, 9)]).toBe(0.5)
    expect(entries.find(1, 5, 8)).toBe(-1)
  })

  test('knows who is in a table, next to its owner or not', () => {
    const { population } = smallWorld(Array.from({ length: 1000 }, (_, i) => ({ id: Uint8Array.of(i >> 8, i & 0xff) })))
    const entries = new TableEntries(population, new TableLayout(20, 1000))
    const peers = [0, 370, 371, 372, 499, 501, 627, 628, 999]

    for (const here of [true, false]) {
      for (const peer of peers) {
        if (here) {
          entries.add(500, 2, peer, 0, false)
        } else {
          entries.remove(500, 2, entries.find(500, 2, peer))
        }

        expect(entries.has(500, 2, peer)).toBe(here)
        expect(peers.filter(other => entries.has(500, 2, other))).toEqual(peersOf(entries, 500, 2))
      }
    }

    entries.add(500, 2, 501, 0, false)
    entries.clear(500)
    expect(entries.has(500, 2, 501)).toBe(false)
  })

  test('knows when a cell is full', () => {
    const entries = new TableEntries(population, new TableLayout(2, 4))
    entries.add(2, 0, 1, 0, false)
    expect(entries.isFull(2, 0)).toBe(false)
    entries.add(2, 0, 3, 0, false)
    expect(entries.isFull(2, 0)).toBe(true)
  })

  test('empties one table and leaves the others', () => {
    const entries = new TableEntries(population, new TableLayout(2, 4))
    entries.add(0, 0, 3, 0, false)
    entries.add(3, 0, 0, 0, false)
    entries.clear(0)

    expect(entries.count(0, 0)).toBe(0)
    expect(entries.count(3, 0)).toBe(1)
  })
})
