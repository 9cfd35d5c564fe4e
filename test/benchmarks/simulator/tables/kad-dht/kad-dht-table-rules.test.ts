import { describe, expect, test } from 'vitest'
import { KadDHTTableRules } from '../../../../../benchmarks/simulator/tables/kad-dht/kad-dht-table-rules.ts'
import { peersOf, rulesContext } from '../rules-context.ts'
import type { SmallNode } from '../small-world.ts'

const GONE = { online: [[-2000, -1000]] } as const
const LATER_S = 3600

/** Node 0 is the owner; the others, 1 to 6, all belong to the leaf of the last prefix */
const network = (...others: Array<Partial<SmallNode>>): SmallNode[] => [{ id: 0, implementation: 'kad-dht' }, ...Array.from({ length: 6 }, (_, i): SmallNode => ({ id: Uint8Array.of(255, i), implementation: 'kad-dht', ...others[i] }))]
const LEAF = 63

describe('the rules of kad-dht', () => {
  test('admit who dials while the leaf has room', () => {
    const context = rulesContext(network(), 2)
    const rules = new KadDHTTableRules(context)
    rules.dialled(0, 1, 0)
    rules.dialled(0, 1, 10)

    expect(peersOf(context, 0, LEAF)).toEqual([1])
  })

  test('replace the dead among the three entries pinged the longest ago when somebody knocks at a full leaf', () => {
    const context = rulesContext(network({}, GONE), 4)
    const rules = new KadDHTTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, 0)
    }

    rules.dialled(0, 5, LATER_S)

    expect(peersOf(context, 0, LEAF)).toEqual([1, 3, 4, 5])
  })

  test('ping nobody again within ten minutes', () => {
    const context = rulesContext(network({}, GONE), 4)
    const rules = new KadDHTTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, 0)
    }

    rules.dialled(0, 5, 600)
    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 4])
    rules.dialled(0, 5, 601)
    expect(peersOf(context, 0, LEAF)).toEqual([1, 3, 4, 5])
  })

  test('never get to the dead behind three that answer, however often somebody knocks', () => {
    const context = rulesContext(network({}, {}, {}, GONE), 4)
    const rules = new KadDHTTableRules(context)

    for (const peer of [1, 2, 3, 4]) {
      rules.met(0, peer, 0)
    }

    for (let hour = 1; hour < 10; hour++) {
      rules.dialled(0, 5, hour * LATER_S)
    }

    expect(peersOf(context, 0, LEAF)).toEqual([1, 2, 3, 4])
  })

  test('keep an entry that a lookup finds dead', () => {
    const context = rulesContext([{ id: 0, implementation: 'kad-dht' }, { id: 1, ...GONE }, { id: 2 }], 4)
    const rules = new KadDHTTableRules(context)
    rules.met(0, 1, 0)
    rules.refresh(0, 1, LATER_S)

    expect(peersOf(context, 0, 0)).toEqual([1, 2])
    expect(context.dials).toContainEqual([0, 2])
    expect(context.dials).not.toContainEqual([0, 1])
  })

  test('go on with the closest entries when the leaf of one that was dialled is full', () => {
    const context = rulesContext(Array.from({ length: 5 }, (_, i): SmallNode => ({ id: Uint8Array.of(0, i), implementation: 'kad-dht' })), 3)
    const rules = new KadDHTTableRules({
      ...context,
      dial (from, to, nowS) {
        context.dial(from, to, nowS)
        rules.dialled(to, from, nowS)
      }
    })

    for (const [owner, ...peers] of [[0, 1, 2, 3], [1, 2, 3, 4], [2, 1, 3, 4], [3, 2, 1, 4]]) {
      peers.forEach(peer => { rules.met(owner, peer, 0) })
    }

    rules.refresh(0, 1, LATER_S)

    expect(context.dials.slice(0, 3)).toEqual([[0, 3], [0, 2], [0, 1]])
  })

  test('hear an entry behind a NAT as long as the connection stands that it made', () => {
    const context = rulesContext(network({ reach: 'unreachable' }), 1)
    const rules = new KadDHTTableRules(context)
    rules.dialled(0, 1, 0)
    rules.dialled(0, 1, 600)
    rules.dialled(0, 2, 601)
    expect(peersOf(context, 0, LEAF)).toEqual([1])
    rules.dialled(0, 2, 600 + 180)
    expect(peersOf(context, 0, LEAF)).toEqual([2])
  })
})
