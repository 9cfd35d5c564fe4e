import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { keepLookingUp, lookups } from '../../benchmarks/faults/lookups.ts'
import { OUTAGES } from '../../benchmarks/faults/outage.ts'
import { Watch } from '../../benchmarks/faults/watch.ts'
import { UNHURRIED, faultyNetwork } from './faulty-network.ts'
import { scored } from './test-node.ts'
import type { OutageName } from '../../benchmarks/faults/outage.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'

/** For the first lookups to be under way when the network fails, ms */
const UNDER_WAY_MS = 250

/** Where silence is the fault, deadlines have to pass while it lasts */
const HURRIED: ScoringInit = { parameters: { minSoftDeadlineMs: 1_000 } }

/** Looks at the classes while it lasts and after it, and at the first lookups that begin when it is over */
async function sitOut (kind: OutageName, { known, inFlight, seconds, scoring = UNHURRIED }: { known: number, inFlight: number, seconds: number, scoring?: ScoringInit }): Promise<void> {
  const { client, outage, counts, recall } = await faultyNetwork(known, { factory: scored(scoring), rttMs: 60 })
  const allGood = { good: known, neutral: 0, unacceptable: 0 }
  expect(counts(), 'before').toEqual(allGood)

  const watch = new Watch(counts)
  const stop = keepLookingUp(client, inFlight)
  await delay(UNDER_WAY_MS)
  await outage(OUTAGES[kind], seconds * 1000)
  const first = lookups(client, 3, 1, { name: 'after' })
  await stop()
  const recalls = (await first).map(recall)

  expect(watch.stop(), 'the worst, from before it to after it').toEqual(allGood)
  expect(recalls, 'recall of the first lookups after it').toEqual([1, 1, 1])
}

describe('an outage of our own network makes no peer worse, and all are found after it:', () => {
  test.each([
    { known: 8, inFlight: 1, seconds: 2 },
    { known: 20, inFlight: 3, seconds: 2 },
    { known: 60, inFlight: 20, seconds: 3 }
  ])('all connections abort and dials fail for $seconds s, $known peers known, $inFlight lookups in flight', async options => {
    await sitOut('interface down, dials ENETUNREACH', options)
  })

  test.each<OutageName>([
    'interface down, dials ENETDOWN',
    'interface down, dials EHOSTUNREACH after 300 ms',
    'interface down, dials EAI_AGAIN',
    'connections silent, dials ENETUNREACH'
  ])('%s', async kind => {
    await sitOut(kind, { known: 20, inFlight: 10, seconds: 0.8 })
  })

  test.each<{ kind: OutageName, known: number, inFlight: number }>([
    { kind: 'connections reset, dials hang', known: 8, inFlight: 3 },
    { kind: 'silence, delivered late', known: 8, inFlight: 10 },
    { kind: 'silence, then reset', known: 20, inFlight: 3 }
  ])('$kind, $known peers known, $inFlight lookups in flight', async ({ kind, ...options }) => {
    await sitOut(kind, { ...options, seconds: 3, scoring: HURRIED })
  })
})

test('dials that fail for want of a local address, while connections go on, make no peer worse', async () => {
  const { client, peers, links, outage, counts } = await faultyNetwork(20, { factory: scored(UNHURRIED), rttMs: 30 })
  links.reset(peers.slice(0, 10))
  await expect.poll(() => links.size).toBe(10)

  const watch = new Watch(counts)
  const stop = keepLookingUp(client, 3)
  await outage(OUTAGES['connections stay, dials EADDRNOTAVAIL'], 1_500)
  await stop()

  expect(watch.stop(), 'the worst meanwhile').toEqual({ good: 20, neutral: 0, unacceptable: 0 })
})

test('connections that a router has forgotten make no peer worse', async () => {
  const { client, peers, outage, counts } = await faultyNetwork(20, { factory: scored(UNHURRIED), rttMs: 30 })
  await outage(OUTAGES['silence, then reset at the next use'], 200)
  const watch = new Watch(counts)
  await lookups(client, 6, 3)

  expect(watch.stop(), 'the worst meanwhile').toEqual({ good: peers.length, neutral: 0, unacceptable: 0 })
})
