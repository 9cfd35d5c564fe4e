import { describe, expect, test } from 'vitest'
import { ScoredTableRules, chanceOf, hasFailed, isAcceptable } from '../../../../../benchmarks/simulator/tables/scored/scored-table-rules.ts'
import { peersOf, rulesContext } from '../rules-context.ts'
import type { SmallNode } from '../small-world.ts'

const GONE = { online: [[-2000, -1000]] } as const
const LEAF = 63

const network = (...others: Array<Partial<SmallNode>>): SmallNode[] => [{ id: 0, implementation: 'scored' }, ...Array.from({ length: 6 }, (_, i): SmallNode => ({ id: Uint8Array.of(255, i), ...others[i] }))]

describe('the rules of the scored service', () => {
  test('keep an entry that does not answer, and pass it over after the third time', () => {
    const context = rulesContext([{ id: 0, implementation: 'scored' }, { id: 1, ...GONE }, { id: 255 }], 1)
    const { entries } = context
    const rules = new ScoredTableRules(context)
    rules.met(0, 1, 0)

    const isNamed = (nowS: number): boolean => isAcceptable(entries, entries.find(0, 0, 1), nowS)
    const after = [300, 600, 900].map(nowS => {
      rules.refresh(0, 1, nowS)

      return isNamed(nowS)
    })

    expect(after).toEqual([true, true, false])
    expect(peersOf(context, 0, 0)).toEqual([1])
  })

  test('look the buckets up at every fourth refresh', () => {
    const context = rulesContext(network(), 4)
    const rules = new ScoredTableRules(context)
    const lookedUp: number[] = []
    const keyAt = context.walked.keyAt.bind(context.walked)
    context.walked.keyAt = (head, shared) => {
      lookedUp.push(shared)

      return keyAt(head, shared)
    }

    rules.refresh(0, 0, 0)
    const lookups = lookedUp.length
    ;[1, 2, 3].forEach(round => { rules.refresh(0, round, 300 * round) })
    expect([lookups > 0, lookedUp.length]).toEqual([true, lookups])
    rules.refresh(0, 4, 1200)
    expect(lookedUp.length).toBe(2 * lookups)
  })

  test('verify entries wherever they are, those first that were not seen for the longest, and none that have failed', () => {
    const context = rulesContext([{ id: 0, implementation: 'scored' }, { id: Uint8Array.of(128, 1) }, { id: Uint8Array.of(128, 2), ...GONE }], 2)
    const { entries } = context
    const rules = new ScoredTableRules(context)
    rules.met(0, 1, 0)
    rules.met(0, 2, 0)
    const [there, gone] = [1, 2].map(peer => entries.find(0, 32, peer))

    expect([hasFailed(entries, there), hasFailed(entries, gone)]).toEqual([false, false])
    rules.refresh(0, 1, 300)
    expect([hasFailed(entries, there), hasFailed(entries, gone)]).toEqual([false, true])
    expect([entries.seenAtS[there], entries.seenAtS[gone], entries.outcomeAtS[gone]]).toEqual([300, 0, 300])
    // one failure leaves it acceptable, and yet unlikely
    expect(chanceOf(entries, there, 300)).toBeGreaterThan(0.9)
    expect(chanceOf(entries, gone, 300)).toBeLessThan(0.1)

    rules.refresh(0, 2, 600)
    expect(entries.outcomeAtS[gone]).toBe(300)
    entries.reliability[gone] = 0
    expect(chanceOf(entries, gone, 600)).toBeUndefined()
  })

  test('give an unacceptable entry another chance in time', () => {
    const context = rulesContext(network(GONE), 2)
    const { entries } = context
    const rules = new ScoredTableRules(context)
    rules.met(0, 1, 0)
    entries.reliability[entries.find(0, LEAF, 1)] = 0.2

    expect(isAcceptable(entries, entries.find(0, LEAF, 1), 0)).toBe(false)
    expect(isAcceptable(entries, entries.find(0, LEAF, 1), 17 * 60)).toBe(false)
    // halfway back to 0.5 in half an hour: 0.3 after 17.5 minutes
    expect(isAcceptable(entries, entries.find(0, LEAF, 1), 18 * 60)).toBe(true)
  })

  test('ping an unacceptable entry before those that are merely old when somebody knocks at a full leaf', () => {
    const context = rulesContext(network({}, {}, {}, GONE), 4)
    const { entries } = context
    const rules = new ScoredTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, 0)
    }

    entries.reliability[entries.find(0, LEAF, 4)] = 0
    entries.outcomeAtS[entries.find(0, LEAF, 4)] = 700
    rules.dialled(0, 5, 700)

    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 5])
  })

  test('ping no more unacceptable entries than there are old ones', () => {
    const context = rulesContext(network(GONE, GONE, GONE, GONE), 4)
    const { entries } = context
    const rules = new ScoredTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, peer === 1 ? 0 : 600)
      entries.reliability[entries.find(0, LEAF, peer)] = 0.1 / peer
      entries.outcomeAtS[entries.find(0, LEAF, peer)] = 700
    }

    rules.dialled(0, 5, 700)

    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 5])
  })

  test('count who answered a ping as pinged, and so get to the dead behind three that answer', () => {
    const context = rulesContext(network({}, {}, {}, GONE), 4)
    const rules = new ScoredTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, 0)
    }

    rules.dialled(0, 5, 700)
    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 4])
    rules.dialled(0, 5, 701)
    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 5])
  })

  test('remember neighbours for whom the leaf has no room', () => {
    const neighbours = Array.from({ length: 30 }, (_, i): SmallNode => ({ id: Uint8Array.of(0, 0, i + 1) }))
    const context = rulesContext([{ id: 0, implementation: 'scored' }, ...neighbours], 2)
    const { entries } = context
    const rules = new ScoredTableRules(context)
    rules.met(0, 30, 0)
    rules.met(0, 29, 0)
    rules.refresh(0, 0, 0)

    const remembered = new Set<number>()

    for (let cell = 64; cell < entries.layout.cells('scored'); cell++) {
      peersOf(context, 0, cell).forEach(peer => remembered.add(peer))
    }

    expect(peersOf(context, 0, 0)).toEqual([30, 29])
    // the two closest to itself
    expect([...remembered]).toEqual(expect.arrayContaining([1, 2]))
  })
})
