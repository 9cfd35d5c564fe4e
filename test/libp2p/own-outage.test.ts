import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { keepLookingUp, lookups } from '../../benchmarks/faults/lookups.ts'
import { OUTAGES } from '../../benchmarks/faults/outage.ts'
import { faultyNetwork } from './faulty-network.ts'

const OUTAGE_MS = 3_000

/** For the first lookups to be under way when the network fails */
const UNDER_WAY_MS = 400

describe('after an outage of our own network', () => {
  test.each([
    { known: 8, inFlight: 1 },
    { known: 8, inFlight: 20 },
    { known: 20, inFlight: 3 },
    { known: 60, inFlight: 1 },
    { known: 60, inFlight: 20 }
  ])('$known peers are as good as before and all found, where $inFlight lookups were in flight', async ({ known, inFlight }) => {
    const { client, outage, counts, recall } = await faultyNetwork(known, { rttMs: 60 })
    const allGood = { good: known, neutral: 0, unacceptable: 0 }
    expect(counts(), 'before').toEqual(allGood)

    const stop = keepLookingUp(client, inFlight)
    await delay(UNDER_WAY_MS)
    await outage(OUTAGES['interface down, dials ENETUNREACH'], OUTAGE_MS)
    expect(counts(), 'when the network is back').toEqual(allGood)

    await stop()
    const after = await lookups(client, 5, 1, { name: 'after' })
    expect(after.map(recall), 'recall of the first lookups after it').toEqual(after.map(() => 1))
    expect(counts(), 'after those').toEqual(allGood)
  })
})
