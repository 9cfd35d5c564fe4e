import { beforeEach, describe, expect, test } from 'vitest'
import { validateUpkeepParameters } from '../../src/parameters/upkeep-parameters.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { unmetPeer } from '../../src/score/score-formula.ts'
import { Upkeep } from '../../src/upkeep/upkeep.ts'
import { entryOf, MemoryBuckets } from '../routing-table/memory-buckets.ts'
import type { UpkeepCommand } from '../../src/upkeep/upkeep-command.ts'
import type { UpkeepFact } from '../../src/upkeep/upkeep-fact.ts'

const NOW = 100_000_000
const LOCAL_PEER = 255

const RELIABILITY = { good: 0.9, poor: 0.1 }

const PARAMETERS = validateUpkeepParameters({
  roundMs: 1000,
  firstRefreshMs: 300,
  refreshIntervalMs: 60_000,
  introductionsAtOnce: 2,
  warmStartDials: 3,
  warmStartDialsAtOnce: 2,
  minSearchPauseMs: 1000,
  verifyEveryMs: 1000,
  keepAlivePeers: 1
})

interface Node {
  table: ScoredRoutingTable<number>
  buckets: MemoryBuckets
  upkeep: Upkeep<number>
  connected: Set<number>
  tell: (fact: Fact, now?: number) => Array<UpkeepCommand<number>>
}

type Fact = UpkeepFact<number> extends infer F ? F extends unknown ? Omit<F, 'now'> : never : never

/** A node that has started; one good peer is enough for it */
function nodeOf ({ inBuckets, good = [], poor = [] }: { inBuckets?: number[], good?: number[], poor?: number[] }, deepestPrefix = 1): Node {
  const buckets = new MemoryBuckets(inBuckets)
  const table = new ScoredRoutingTable({ buckets, localPeer: LOCAL_PEER, minGoodPeers: 1 })
  good.forEach(peer => { table.restore(entryOf(peer), { ...unmetPeer(NOW), reliability: RELIABILITY.good }) })
  poor.forEach(peer => { table.restore(entryOf(peer), { ...unmetPeer(NOW), reliability: RELIABILITY.poor }) })

  const connected = new Set<number>()
  const upkeep = new Upkeep({
    parameters: PARAMETERS,
    table,
    isInBuckets: ({ peer }) => Array.from(buckets.entries(), entry => entry.peer).includes(peer),
    deepestPrefix: () => deepestPrefix,
    isConnected: peer => connected.has(peer),
    maxConnections: () => 100
  })

  return { table, buckets, upkeep, connected, tell: (fact, now = NOW) => upkeep.advance({ ...fact, now }) }
}

describe('a node', () => {
  let node: Node

  beforeEach(() => {
    node = nodeOf({})
    node.tell({ type: 'started' })
  })

  test('sets its two timers when it starts', () => {
    expect(nodeOf({}).tell({ type: 'started' })).toEqual([
      { type: 'setTimer', timer: 'refresh', atMs: NOW + 300 },
      { type: 'setTimer', timer: 'round', atMs: NOW + 1000 }
    ])
  })

  test('introduces a peer that is named, which its table has heard of then', () => {
    expect(node.tell({ type: 'named', entry: entryOf(7), connected: false })).toEqual([{ type: 'introduce', peer: 7 }])
    expect(node.table.why(7, NOW).whereabouts).toMatchObject({ place: 'replacement', introduction: 'named' })
  })

  test('introduces nobody while a lookup runs', () => {
    node.tell({ type: 'lookupBegan' })

    expect(node.tell({ type: 'named', entry: entryOf(7), connected: false })).toEqual([])
    expect(node.tell({ type: 'lookupEnded', prefixLength: undefined })).toEqual([{ type: 'introduce', peer: 7 }])
  })

  test('admits a connected peer at once, even while a lookup runs', () => {
    node.tell({ type: 'lookupBegan' })

    expect(node.tell({ type: 'named', entry: entryOf(7), connected: true })).toEqual([{ type: 'admit', peer: 7 }])
  })

  test('does not introduce who is in the buckets', () => {
    node.buckets.add(7)

    expect(node.tell({ type: 'named', entry: entryOf(7), connected: false })).toEqual([])
  })

  test('introduces the next one when one has ended', () => {
    [7, 8, 9].forEach(peer => node.tell({ type: 'named', entry: entryOf(peer), connected: false }))

    expect(node.tell({ type: 'introduced', peer: 7 })).toEqual([{ type: 'introduce', peer: 9 }])
  })

  test('pings the poor peers of a full bucket before the old ones', () => {
    node = nodeOf({ poor: [3] })

    expect(node.tell({ type: 'bucketFull', bucket: [1, 2, 3], old: [1] })).toEqual([{ type: 'makeRoom', peers: [3] }])
    expect(node.tell({ type: 'bucketFull', bucket: [1, 2], old: [1] })).toEqual([{ type: 'makeRoom', peers: [1] }])
  })

  test('does nothing by itself once it is stopped', () => {
    node.tell({ type: 'stopped' })

    expect(node.tell({ type: 'ready' })).toEqual([])
    expect(node.tell({ type: 'named', entry: entryOf(7), connected: false })).toEqual([])
    expect(node.tell({ type: 'timerFired', timer: 'round' })).toEqual([])
    expect(node.tell({ type: 'timerFired', timer: 'refresh' })).toEqual([])
    expect(node.tell({ type: 'refreshAsked', force: true })).toEqual([])
  })
})

describe('the warm start', () => {
  test('dials good restored peers only', () => {
    const node = nodeOf({ good: [2, 3], poor: [4] })
    node.tell({ type: 'started' })

    expect(node.tell({ type: 'ready' })).toEqual([{ type: 'dial', peer: 2 }, { type: 'dial', peer: 3 }])
  })

  test('dials so many at once, and no more than it may in all', () => {
    const node = nodeOf({ good: [1, 2, 3, 4] })
    node.tell({ type: 'started' })

    expect(node.tell({ type: 'ready' })).toEqual([{ type: 'dial', peer: 1 }, { type: 'dial', peer: 2 }])
    expect(node.tell({ type: 'dialled', peer: 1 })).toEqual([{ type: 'dial', peer: 3 }])
    expect(node.tell({ type: 'dialled', peer: 2 })).toEqual([])
  })
})

describe('a refresh', () => {
  test('looks up one length after another, and sets its timer at the end', () => {
    const node = nodeOf({})
    node.tell({ type: 'started' })

    expect(node.tell({ type: 'timerFired', timer: 'refresh' })).toEqual([{ type: 'lookUp', reason: 'refresh', prefixLength: 0 }])
    expect(node.tell({ type: 'lookedUp', reason: 'refresh' })).toEqual([{ type: 'lookUp', reason: 'refresh', prefixLength: 1 }])
    expect(node.tell({ type: 'lookedUp', reason: 'refresh' })).toEqual([{ type: 'refreshEnded' }, { type: 'setTimer', timer: 'refresh', atMs: NOW + 60_000 }])
  })

  test('leaves out what a lookup with answers refreshed', () => {
    const node = nodeOf({})
    node.tell({ type: 'started' })
    node.tell({ type: 'lookupBegan' })
    node.tell({ type: 'lookupEnded', prefixLength: 0 })

    expect(node.tell({ type: 'timerFired', timer: 'refresh' })).toEqual([{ type: 'lookUp', reason: 'refresh', prefixLength: 1 }])
  })

  test('that was asked for is not begun anew by the timer', () => {
    const node = nodeOf({})
    node.tell({ type: 'started' })
    node.tell({ type: 'refreshAsked', force: true })

    expect(node.tell({ type: 'timerFired', timer: 'refresh' })).toEqual([])
    expect(node.tell({ type: 'lookedUp', reason: 'refresh' })).toEqual([{ type: 'lookUp', reason: 'refresh', prefixLength: 1 }])
  })

  test('that is cancelled ends with the lookup that is under way', () => {
    const node = nodeOf({})
    node.tell({ type: 'started' })
    node.tell({ type: 'refreshAsked', force: true })
    node.tell({ type: 'refreshCancelled' })

    expect(node.tell({ type: 'lookedUp', reason: 'refresh' })).toEqual([{ type: 'refreshEnded' }, { type: 'setTimer', timer: 'refresh', atMs: NOW + 60_000 }])
  })
})

describe('a round', () => {
  const after: Array<UpkeepCommand<number>> = [{ type: 'save' }, { type: 'setTimer', timer: 'round', atMs: NOW + 2000 }]

  test('searches for good peers where there are too few', () => {
    const node = nodeOf({ inBuckets: [1] })
    node.connected.add(1)
    node.tell({ type: 'started' })

    expect(node.tell({ type: 'timerFired', timer: 'round' }, NOW + 1000)).toEqual([
      { type: 'save' },
      { type: 'lookUp', reason: 'search', timeoutMs: PARAMETERS.searchTimeoutMs },
      { type: 'setTimer', timer: 'round', atMs: NOW + 2000 }
    ])
    expect(node.tell({ type: 'timerFired', timer: 'round' }, NOW + 1000)).toEqual(after)
  })

  test('does not search where there are enough', () => {
    const node = nodeOf({ inBuckets: [1], good: [1] })
    node.connected.add(1)
    node.tell({ type: 'started' })

    expect(node.tell({ type: 'timerFired', timer: 'round' }, NOW + 1000)).toEqual([{ type: 'keepAlive', peer: 1, forMs: PARAMETERS.keepAliveTagMs }, ...after])
  })

  test('verifies who is in the buckets, is not connected and was not verified yet, and nobody while a lookup runs', () => {
    const node = nodeOf({ inBuckets: [1, 2], good: [1, 2] })
    const longAgo = { ...unmetPeer(0), reliability: RELIABILITY.good, answeringSince: 0, answeredAt: 0 }
    node.table.restore(entryOf(1), longAgo)
    node.table.restore(entryOf(2), longAgo)
    node.connected.add(1)
    node.tell({ type: 'started' })
    const isVerified = (laterMs: number): boolean => node.tell({ type: 'timerFired', timer: 'round' }, NOW + laterMs).some(command => command.type === 'verify' && command.peer === 2)

    expect([1000, 2000, 3000].map(isVerified)).toEqual([false, true, false])
    node.tell({ type: 'verified', peer: 2 })
    node.tell({ type: 'lookupBegan' })
    expect(isVerified(4000)).toBe(false)
    node.tell({ type: 'lookupEnded', prefixLength: undefined })
    expect(isVerified(5000)).toBe(true)
  })

  test('keeps the connection to the best that is connected, and lets go the one before', () => {
    const node = nodeOf({ good: [1, 2] })
    node.connected.add(2)
    node.tell({ type: 'started' })
    expect(node.tell({ type: 'timerFired', timer: 'round' }, NOW + 1000)).toEqual([{ type: 'keepAlive', peer: 2, forMs: PARAMETERS.keepAliveTagMs }, ...after])
    node.connected.add(1)
    expect(node.tell({ type: 'timerFired', timer: 'round' }, NOW + 1000)).toEqual([{ type: 'keepAlive', peer: 1, forMs: PARAMETERS.keepAliveTagMs }, { type: 'letGo', peer: 2 }, ...after])
    expect(node.tell({ type: 'stopped' })).toEqual([{ type: 'letGo', peer: 1 }])
  })
})

test('the same facts give the same commands, whatever the peers are called', () => {
  const life: Array<[Fact, number]> = [
    [{ type: 'started' }, NOW],
    [{ type: 'ready' }, NOW],
    [{ type: 'named', entry: entryOf(9), connected: false }, NOW + 1],
    [{ type: 'dialled', peer: 1 }, NOW + 2],
    [{ type: 'introduced', peer: 9 }, NOW + 3],
    [{ type: 'timerFired', timer: 'refresh' }, NOW + 300],
    [{ type: 'timerFired', timer: 'round' }, NOW + 1000],
    [{ type: 'stopped' }, NOW + 1001]
  ]
  const lives = [nodeOf({ good: [1, 2, 3] }), nodeOf({ good: [1, 2, 3] })].map(node => life.map(([fact, now]) => node.tell(fact, now)))

  expect(lives[0].flat().length).toBeGreaterThan(life.length)
  expect(lives[0]).toEqual(lives[1])
  expect(lives[0].flat()).not.toContainEqual(expect.objectContaining({ peer: LOCAL_PEER }))
})
