import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Put } from '../../src/publish/put.ts'
import type { NetworkEstimate } from '../../src/keyspace/network-size.ts'
import type { PutCommand, PutInit } from '../../src/publish/put.ts'

/** With 8-bit kad ids the target is 0, so a peer's number is its distance */
const TARGET = Uint8Array.of(0)

/** 31 servers: the 4 closest are within 4 / 32 of the keyspace, and near peers within 1.25 times that, so up to 41 */
const SIZE: NetworkEstimate = { servers: 31, standardError: 3, measurements: 10 }

function put (init: Partial<PutInit> = {}): Put<number> {
  return new Put<number>({ target: TARGET, k: 4, returnAfter: 3, size: SIZE, ...init })
}

function answers (machine: Put<number>, peers: number[], hasRecord = false): Array<PutCommand<number>> {
  return peers.flatMap(peer => machine.advance({ type: 'answered', peer, kadId: Uint8Array.of(peer), hasRecord }))
}

function ends (machine: Put<number>, type: 'stored' | 'failed', peers: number[]): Array<PutCommand<number>> {
  return peers.flatMap(peer => machine.advance({ type, peer }))
}

const stores = (...peers: number[]): Array<PutCommand<number>> => peers.map(peer => ({ type: 'store', peer }))

describe('a put', () => {
  test('stores with near peers as soon as they answer, and with the others after the walk', () => {
    const machine = put()

    expect(answers(machine, [200, 30, 41, 42, 5])).toEqual(stores(30, 41, 5))
    expect(machine.advance({ type: 'walked' })).toEqual(stores(42))
  })

  test('stores with nobody before the end of the walk while the size of the network is not known, or not well', () => {
    for (const size of [undefined, { ...SIZE, standardError: 8 }]) {
      const machine = put({ size })

      expect(answers(machine, [5, 1])).toEqual([])
      expect(machine.advance({ type: 'walked' })).toEqual(stores(1, 5))
    }
  })

  test('returns when enough of the k closest hold the record, and goes on with the others', () => {
    const machine = put()
    answers(machine, [1, 2, 3, 4])

    expect(ends(machine, 'stored', [1, 3])).toEqual([])
    expect(ends(machine, 'stored', [4])).toEqual([{ type: 'return', holders: [1, 3, 4], goesOn: true }])
    expect(ends(machine, 'stored', [2])).toEqual([])
    expect(machine.advance({ type: 'walked' })).toEqual([{ type: 'finish', holders: [1, 2, 3, 4], failed: 0 }])
  })

  test('counts failures for nothing, and replaces a peer that failed by the next closest', () => {
    const machine = put({ returnAfter: 2 })
    answers(machine, [1, 2, 3, 4, 50])

    expect(ends(machine, 'failed', [1, 2])).toEqual([])
    expect(machine.advance({ type: 'walked' })).toEqual(stores(50))
    expect(ends(machine, 'stored', [3, 50])).toEqual([{ type: 'return', holders: [3, 50], goesOn: true }])
    expect(ends(machine, 'stored', [4])).toEqual([{ type: 'finish', holders: [3, 4, 50], failed: 2 }])
  })

  test('waits for no record that it can\'t store: it returns with fewer when nobody is left', () => {
    const machine = put()
    answers(machine, [1, 2])
    machine.advance({ type: 'walked' })

    expect(ends(machine, 'failed', [1])).toEqual([])
    expect(ends(machine, 'stored', [2])).toEqual([{ type: 'return', holders: [2], goesOn: false }, { type: 'finish', holders: [2], failed: 1 }])
  })

  test('ends with nobody where nobody answers', () => {
    expect(put().advance({ type: 'walked' })).toEqual([{ type: 'return', holders: [], goesOn: false }, { type: 'finish', holders: [], failed: 0 }])
  })

  test('counts holders that turn out to be too far away for nothing', () => {
    const machine = put()
    answers(machine, [38, 39, 40])
    answers(machine, [1, 2, 3])

    expect(ends(machine, 'stored', [38, 39, 40])).toEqual([])
    expect(ends(machine, 'stored', [1, 2])).toEqual([{ type: 'return', holders: [1, 2, 38], goesOn: true }])
  })

  test('takes a peer that got the record with its question for a holder', () => {
    const machine = put()

    expect(machine.isNear(Uint8Array.of(41))).toBe(true)
    expect(machine.isNear(Uint8Array.of(42))).toBe(false)
    expect(answers(machine, [1, 2, 3], true)).toEqual([{ type: 'return', holders: [1, 2, 3], goesOn: true }])
    expect(machine.stored).toBe(3)
  })

  test('ignores what it has not asked for, and everything after its end', () => {
    const machine = put()
    answers(machine, [1])

    expect(ends(machine, 'stored', [9])).toEqual([])
    expect(answers(machine, [1])).toEqual([])
    expect(machine.advance({ type: 'cancelled' })).toEqual([{ type: 'finish', holders: [], failed: 0 }])
    expect(ends(machine, 'stored', [1])).toEqual([])
    expect(answers(machine, [2])).toEqual([])
  })
})

test('whatever happens, each store is with a peer that answered and is asked once, one return comes before the end, and no closer peer is left out', () => {
  const world = fc.record({
    peers: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { maxLength: 12 }),
    failing: fc.array(fc.integer({ min: 1, max: 255 })),
    k: fc.integer({ min: 1, max: 6 }),
    knowsSize: fc.boolean(),
    order: fc.infiniteStream(fc.nat(1000))
  })

  fc.assert(fc.property(world, ({ peers, failing, k, knowsSize, order }) => {
    const machine = put({ k, returnAfter: Math.ceil(0.75 * k), size: knowsSize ? SIZE : undefined })
    const toAnswer = [...peers]
    const toEnd: number[] = []
    const asked = new Set<number>()
    const commands: Array<PutCommand<number>> = []
    const walk = { isOver: false }

    const take = (peers: number[]): number => peers.splice(order.next().value % peers.length, 1)[0]
    const step = (): Array<PutCommand<number>> => {
      const endsNext = toEnd.length > 0 && (walk.isOver || order.next().value % 2 === 0)

      if (endsNext) {
        const peer = take(toEnd)
        return machine.advance({ type: failing.includes(peer) ? 'failed' : 'stored', peer })
      }

      if (toAnswer.length > 0) {
        return answers(machine, [take(toAnswer)])
      }

      walk.isOver = true
      return machine.advance({ type: 'walked' })
    }

    while (!walk.isOver || toEnd.length > 0) {
      for (const command of step()) {
        commands.push(command)

        if (command.type === 'store') {
          expect(asked.has(command.peer)).toBe(false)
          asked.add(command.peer)
          toEnd.push(command.peer)
        }
      }
    }

    const closest = peers.toSorted((a, b) => a - b).filter(peer => !failing.includes(peer)).slice(0, k)

    expect(commands.filter(({ type }) => type === 'return')).toHaveLength(1)
    expect(commands.at(-1)).toEqual({ type: 'finish', holders: expect.arrayContaining(closest), failed: expect.any(Number) })
  }))
})
