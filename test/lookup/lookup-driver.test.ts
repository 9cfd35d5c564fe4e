import { beforeEach, describe, expect, test } from 'vitest'
import { LookupDriver } from '../../src/lookup/lookup-driver.ts'
import { Lookups } from '../../src/lookup/lookups.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { requestTimeouts } from '../../src/parameters/request-timeouts.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { MemoryBuckets } from '../routing-table/memory-buckets.ts'
import { simulatedTimers } from '../simulated-timers.ts'
import { lookupPeer } from './lookup-peer.ts'
import type { LookupRun } from '../../src/lookup/lookup-run.ts'
import type { SimulatedTimers } from '../simulated-timers.ts'

let timers: SimulatedTimers
let run: LookupRun<number>
let driver: LookupDriver<number>
/** What was carried out, in order */
let done: string[]

beforeEach(() => {
  const table = new ScoredRoutingTable<number>({ buckets: new MemoryBuckets(), localPeer: 255 })
  const lookups = new Lookups({
    table,
    selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0 }),
    parameters: validateLookupParameters({ k: 2, alpha: 2, maxInFlight: 2 }),
    timeouts: requestTimeouts()
  })
  run = lookups.lookup({
    target: Uint8Array.of(0),
    start: [1, 2, 3].map(peer => lookupPeer(peer)),
    endsEarly: false,
    maxConnections: Infinity,
    onEnd: () => { done.push('ended') }
  }, 0) as LookupRun<number>
  done = []
  timers = simulatedTimers()
  driver = new LookupDriver(run, {
    now: timers.now,
    schedule: timers.schedule,
    ask: ({ peer }) => { done.push(`ask ${peer}`) },
    abort: peer => { done.push(`abort ${peer}`) },
    finish: ({ reason }) => { done.push(`finish: ${reason}`) }
  })
})

function asked (...peers: number[]): void {
  peers.forEach(peer => { driver.advance({ type: 'asked', now: timers.now(), peer, connected: false }) })
}

function answered (...peers: number[]): void {
  peers.forEach(peer => { driver.advance({ type: 'responded', now: timers.now(), peer, closer: [] }) })
}

describe('a lookup', () => {
  test('has its peers asked, and its end told', () => {
    driver.advance({ type: 'started', now: 0 })
    asked(1, 2)
    answered(1, 2)

    expect(done.slice(0, 2)).toEqual(['ask 1', 'ask 2'])
    expect(done.filter(what => what.startsWith('finish'))).toEqual(['finish: converged'])
  })

  test('has a timer for each request, which tells when its time has come', () => {
    driver.advance({ type: 'started', now: 0 })
    asked(1, 2)
    expect(timers.waiting).toBeGreaterThanOrEqual(2)

    timers.pass(5_000)
    expect(run.isLate(1)).toBe(true)
    expect(done).toContain('ask 3')
  })

  test('leaves no timer behind when all have answered', () => {
    driver.advance({ type: 'started', now: 0 })
    asked(1, 2)
    answered(1, 2)

    expect(timers.waiting).toBe(0)
  })

  test('gives up who was asked when it is cancelled', () => {
    driver.advance({ type: 'started', now: 0 })
    asked(1, 2)
    driver.advance({ type: 'satisfied', now: 10 })

    expect(done.filter(what => what.startsWith('abort')).sort()).toEqual(['abort 1', 'abort 2'])
  })
})
