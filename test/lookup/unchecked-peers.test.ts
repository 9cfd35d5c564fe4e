import { describe, expect, test } from 'vitest'
import { lookup, poor, queries, responded } from './greedy-lookup.ts'
import { lookupPeer } from './lookup-peer.ts'

const unchecked = (kadId: number) => lookupPeer(kadId, { unchecked: true })

describe('a peer of which it is not known yet whether it can be dialled', () => {
  test('is asked once it is known that it can', () => {
    const machine = lookup([unchecked(1), 2], { k: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit']])
    expect(queries(machine.advance({ type: 'checked', peer: 1, dialable: true, now: 10 }))).toEqual([[1, 'exploit']])
    expect(machine.advance({ type: 'checked', peer: 1, dialable: true, now: 20 })).toEqual([])
  })

  test('keeps nobody from being asked in its place', () => {
    const machine = lookup([unchecked(1), unchecked(2), 3, 4], { k: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[3, 'exploit'], [4, 'exploit']])
  })

  test('holds the finish for the grace of one that does not connect, counted from its naming', () => {
    const machine = lookup([2], { k: 1, graceMs: 1000 })
    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance(responded(2, 100, [unchecked(1)]))).toEqual([{ type: 'setTimer', atMs: 1100 }])
    expect(machine.advance({ type: 'timerFired', now: 1100 })).toEqual([{ type: 'finish', closest: [2], reason: 'converged' }])
    expect(machine.advance({ type: 'checked', peer: 1, dialable: true, now: 1200 })).toEqual([])
  })

  test('holds it no longer when it is known that it can not', () => {
    const machine = lookup([2], { k: 1 })
    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 100, [unchecked(1)]))

    expect(machine.advance({ type: 'checked', peer: 1, dialable: false, now: 200 })).toEqual([{ type: 'finish', closest: [2], reason: 'converged' }])
  })

  test('does not hold it from further away, nor when it is unacceptable', () => {
    const machine = lookup([2], { k: 1 })
    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance(responded(2, 100, [unchecked(3), lookupPeer(1, { ...poor, unchecked: true })]))).toEqual([{ type: 'finish', closest: [2], reason: 'converged' }])
  })

  test('that can not is as good as not named: another may name it with an address that works', () => {
    const machine = lookup([2, 3], { k: 2, alpha: 2 })
    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 100, [unchecked(1)]))
    machine.advance({ type: 'checked', peer: 1, dialable: false, now: 200 })

    expect(machine.stateOf(1)).toBeUndefined()
    expect(queries(machine.advance(responded(3, 300, [1])))).toEqual([[1, 'exploit']])
  })

  test('makes room, furthest first, when answers name more of them than a list holds', () => {
    const machine = lookup([200], { k: 1, maxQueries: 1 })
    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(200, 100, Array.from({ length: 100 }, (_, index) => unchecked(index + 1))))

    expect(Array.from({ length: 100 }, (_, index) => machine.stateOf(index + 1)).filter(state => state !== undefined).length).toBeLessThanOrEqual(9)
  })

  test('is all that there is: the lookup waits for it, and no longer than the grace', () => {
    const machine = lookup([unchecked(1)], { k: 1, graceMs: 1000 })

    expect(machine.advance({ type: 'started', now: 0 })).toEqual([{ type: 'setTimer', atMs: 1000 }])
    expect(machine.advance({ type: 'timerFired', now: 1000 })).toEqual([{ type: 'finish', closest: [], reason: 'exhausted' }])
  })
})
