import { beforeEach, describe, expect, test } from 'vitest'
import { validateUpkeepParameters } from '../../src/parameters/upkeep-parameters.ts'
import { Upkeep } from '../../src/upkeep/upkeep.ts'
import { UpkeepDriver } from '../../src/upkeep/upkeep-driver.ts'
import { entryOf } from '../routing-table/memory-buckets.ts'
import { simulatedTimers } from '../simulated-timers.ts'
import type { SimulatedTimers } from '../simulated-timers.ts'

const ROUND_MS = 1_000
const FIRST_REFRESH_MS = 300_000
const SEARCH_PAUSE_MS = 10_000
const SEARCH_TIMEOUT_MS = 30_000

let timers: SimulatedTimers
let driver: UpkeepDriver<number>
let needsGoodPeers: boolean
/** What was begun, in order, and what ends each task */
let begun: string[]
let ends: Map<string, () => void>

beforeEach(() => {
  timers = simulatedTimers()
  needsGoodPeers = false
  begun = []
  ends = new Map()

  const begin = (task: string, done: () => void): void => {
    begun.push(task)
    ends.set(task, done)
  }

  driver = new UpkeepDriver(new Upkeep<number>({
    parameters: validateUpkeepParameters({
      roundMs: ROUND_MS,
      firstRefreshMs: FIRST_REFRESH_MS,
      introductionsAtOnce: 1,
      warmStartDials: 2,
      warmStartDialsAtOnce: 1,
      minSearchPauseMs: SEARCH_PAUSE_MS,
      searchTimeoutMs: SEARCH_TIMEOUT_MS,
      keepAlivePeers: 1
    }),
    table: {
      scores: { has: () => false },
      best: () => [8, 9].map(peer => ({ peer, score: 0.9 })),
      heardOf: () => {},
      needsGoodPeers: () => needsGoodPeers,
      evictionCandidates: peers => peers.slice(1),
      leastCertain: () => [],
      longestUnasked: () => []
    },
    isInBuckets: () => false,
    deepestPrefix: () => 0,
    isConnected: () => true,
    maxConnections: () => 100
  }), {
    now: timers.now,
    schedule: timers.schedule,
    introduce: (peer, done) => { begin(`introduce ${peer}`, done) },
    admit: peer => { begun.push(`admit ${peer}`) },
    dial: (peer, done) => { begin(`dial ${peer}`, done) },
    verify: (peer, done) => { begin(`verify ${peer}`, done) },
    refresh: (prefixLength, done) => { begin(`refresh ${prefixLength}`, done) },
    search: done => {
      begin('search', done)

      return () => { begun.push('give up the search') }
    },
    keepAlive: (peer, forMs) => { begun.push(`${forMs === undefined ? 'let go' : 'keep'} ${peer}`) },
    save: () => { begun.push('save') }
  })
  driver.tell({ type: 'started' })
})

function tasks (kind: string): string[] {
  return begun.filter(task => task.startsWith(kind))
}

describe('the upkeep of a node', () => {
  test('saves in each round, and keeps the connections to the best', () => {
    timers.pass(3 * ROUND_MS)

    expect(tasks('save')).toHaveLength(3)
    expect(tasks('keep')[0]).toBe('keep 8')
  })

  test('introduces the next peer when the one before is introduced', () => {
    driver.tell({ type: 'named', entry: entryOf(1), connected: false })
    driver.tell({ type: 'named', entry: entryOf(2), connected: false })
    expect(tasks('introduce')).toEqual(['introduce 1'])

    ends.get('introduce 1')?.()
    expect(tasks('introduce')).toEqual(['introduce 1', 'introduce 2'])
  })

  test('dials the next restored peer when the one before was dialled', () => {
    driver.tell({ type: 'ready' })
    expect(tasks('dial')).toEqual(['dial 8'])

    ends.get('dial 8')?.()
    expect(tasks('dial')).toEqual(['dial 8', 'dial 9'])
  })

  test('refreshes the table when it is time', () => {
    timers.pass(FIRST_REFRESH_MS - 1)
    expect(tasks('refresh')).toEqual([])

    timers.pass(1)
    expect(tasks('refresh')).toEqual(['refresh 0'])
  })

  test('says whom to ping when a bucket is full', () => {
    expect(driver.bucketFull([1, 2, 3], [1])).toEqual([2, 3])
  })

  test('does nothing more by itself once its timers are cleared', () => {
    driver.clearTimers()
    timers.pass(10 * FIRST_REFRESH_MS)

    expect(begun).toEqual([])
    expect(timers.waiting).toBe(0)
  })
})

describe('a search for good peers', () => {
  beforeEach(() => {
    needsGoodPeers = true
    timers.pass(SEARCH_PAUSE_MS)
    expect(tasks('search')).toHaveLength(1)
  })

  test('is given up after its time, and another one may follow', () => {
    timers.pass(SEARCH_TIMEOUT_MS - 1)
    expect(tasks('give up')).toEqual([])

    timers.pass(1)
    expect(tasks('give up')).toHaveLength(1)
    timers.pass(600_000)
    expect(tasks('search').length).toBeGreaterThan(1)
  })

  test('that has ended is not given up', () => {
    needsGoodPeers = false
    ends.get('search')?.()
    timers.pass(2 * SEARCH_TIMEOUT_MS)

    expect(tasks('give up')).toEqual([])
  })
})
