import { describe, expect, test } from 'vitest'
import { lookup, poor, queries, responded } from './greedy-lookup.ts'
import { lookupPeer } from './lookup-peer.ts'

describe('unacceptable peers', () => {
  test('are passed over: the next closest takes their place', () => {
    const machine = lookup([lookupPeer(1, poor), 2, 3], { k: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit'], [3, 'exploit']])
  })

  test('are left alone when they were tried not long ago', () => {
    const machine = lookup([lookupPeer(1, poor), 2], { k: 1 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit']])
    expect(machine.advance(responded(2, 10))).toEqual([{ type: 'finish', closest: [2], reason: 'converged' }])
  })

  test('are probed in spare slots, the closest first, and do not hold the finish when they get no further than the last time', () => {
    const stale = { ...poor, stale: true, suspect: true }
    const machine = lookup([lookupPeer(1, stale), 2, lookupPeer(3, stale), lookupPeer(4, stale), 5, lookupPeer(6, stale)], { k: 2, maxProbes: 2 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit'], [5, 'exploit'], [1, 'probe'], [3, 'probe']])
    machine.advance({ type: 'signOfLife', peer: 1, now: 5, news: false })
    machine.advance({ type: 'signOfLife', peer: 3, now: 5, news: false })
    machine.advance(responded(2, 10))
    expect(machine.advance(responded(5, 20))).toEqual([
      { type: 'cancel', peer: 1 },
      { type: 'cancel', peer: 3 },
      { type: 'finish', closest: [2, 5], reason: 'converged' }
    ])
  })

  test('are not probed beyond the k closest', () => {
    const machine = lookup([2, 3, lookupPeer(4, poor), 5, 6], { k: 2 }, { answerRate: 0.5 })

    expect(queries(machine.advance({ type: 'started', now: 0 })).map(([peer]) => peer)).toEqual([2, 3, 5, 6])
    expect(machine.advance(responded(2, 10))).toEqual([])
  })

  test('hold the finish when a probe brings the news that they can be reached again', () => {
    const machine = lookup([lookupPeer(1, { ...poor, stale: true, suspect: true }), 2], { k: 1 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'signOfLife', peer: 1, now: 5, news: true })

    expect(machine.advance(responded(2, 10))).toEqual([])
    expect(machine.advance(responded(1, 20))).toEqual([{ type: 'finish', closest: [1], reason: 'converged' }])
  })

  test('hold the finish no longer than most need for a first sign of life', () => {
    const machine = lookup([lookupPeer(1, { ...poor, stale: true, suspect: true, probeHoldMs: 300 }), 2], { k: 1 })

    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance(responded(2, 10))).toEqual([{ type: 'setTimer', atMs: 300 }])
    expect(machine.advance({ type: 'timerFired', now: 300 })).toEqual([
      { type: 'cancel', peer: 1 },
      { type: 'finish', closest: [2], reason: 'converged' }
    ])
  })

  test('hold it beyond that once they have given one that is news', () => {
    const machine = lookup([lookupPeer(1, { ...poor, stale: true, suspect: true, probeHoldMs: 300 }), 2], { k: 1 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 10))
    machine.advance({ type: 'signOfLife', peer: 1, now: 290, news: true })

    expect(machine.advance({ type: 'timerFired', now: 300 })).toEqual([])
    expect(machine.advance(responded(1, 500))).toEqual([{ type: 'finish', closest: [1], reason: 'converged' }])
  })

  test('hold the finish in their slot when they get a connection this time', () => {
    const machine = lookup([lookupPeer(1, { ...poor, stale: true, suspect: true }), 2], { k: 1 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance({ type: 'signOfLife', peer: 1, now: 5, news: false })
    machine.advance({ type: 'connected', peer: 1, now: 8 })

    expect(machine.advance(responded(2, 10))).toEqual([])
    expect(machine.advance(responded(1, 20))).toEqual([{ type: 'finish', closest: [1], reason: 'converged' }])
  })

  test('count when a probe answers in time', () => {
    const machine = lookup([lookupPeer(1, { ...poor, stale: true }), 2, 3], { k: 2 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 10))

    expect(machine.advance(responded(1, 20))).toEqual([
      { type: 'cancel', peer: 3 },
      { type: 'finish', closest: [1, 2], reason: 'converged' }
    ])
  })

  test('hold the finish while their failure is quick to come', () => {
    const machine = lookup([lookupPeer(1, { ...poor, failsFast: true }), 2, 3], { k: 2 })

    machine.advance({ type: 'started', now: 0 })
    machine.advance(responded(2, 10))

    expect(machine.advance(responded(3, 20))).toEqual([])
    expect(machine.advance({ type: 'failed', peer: 1, now: 30 })).toEqual([{ type: 'finish', closest: [2, 3], reason: 'converged' }])
  })

  test('are asked as the last resort when nobody better is left', () => {
    const machine = lookup([lookupPeer(1, poor), 2, lookupPeer(3, poor), lookupPeer(4, poor)], { k: 2, maxProbes: 0 })

    expect(queries(machine.advance({ type: 'started', now: 0 }))).toEqual([[2, 'exploit']])
    expect(queries(machine.advance(responded(2, 10)))).toEqual([[1, 'lastResort']])
    expect(queries(machine.advance({ type: 'failed', peer: 1, now: 20 }))).toEqual([[3, 'lastResort']])
    expect(machine.advance(responded(3, 30))).toEqual([{ type: 'finish', closest: [2, 3], reason: 'converged' }])
  })

  test('are not skipped when the answer that completes the k closest names them, if they fail fast', () => {
    const machine = lookup([2], { k: 1 })

    machine.advance({ type: 'started', now: 0 })

    expect(queries(machine.advance(responded(2, 10, [lookupPeer(1, { ...poor, failsFast: true })])))).toEqual([[1, 'probe']])
    expect(machine.advance(responded(1, 20))).toEqual([{ type: 'finish', closest: [1], reason: 'converged' }])
  })

  test('are no last resort while a better peer may still name others', () => {
    const machine = lookup([lookupPeer(1, poor), 2], { k: 3, maxProbes: 0 })

    machine.advance({ type: 'started', now: 0 })

    expect(machine.advance({ type: 'connected', peer: 2, now: 5 })).toEqual([])
    expect(queries(machine.advance(responded(2, 10)))).toEqual([[1, 'lastResort']])
  })
})
