import { format } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createFaultClient } from '../../benchmarks/faults/fault-client.ts'
import { keepLookingUp, lookups } from '../../benchmarks/faults/lookups.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { UNHURRIED, faultyNetwork } from './faulty-network.ts'
import { scoresOf } from './scores-of.ts'
import { settableClock } from './settable-clock.ts'
import { scored } from './test-node.ts'
import type { LookupResult } from '../../benchmarks/faults/lookups.ts'
import type { PeerScore } from '../../src/score/peer-score.ts'
import type { ComponentLogger, Logger } from '@libp2p/interface'

const PEERS = 12
const IN_FLIGHT = 20

/** Finished lookups between two steps */
const LOOKUPS = 12

const HOUR = 3_600_000
const STEPS = [
  { step: 'an hour back', stepMs: -HOUR },
  { step: 'a day forward', stepMs: 24 * HOUR }
]

describe('when the clock is set during lookups', () => {
  test.each([...STEPS, { step: 'a second back', stepMs: -1_000 }])('$step, no score and no latency leaves its range, and all records can be read at the next start', async ({ stepMs }) => {
    const clock = settableClock()
    const location = await temporaryDirectory()
    const network = await faultyNetwork(PEERS, { factory: scored({ ...UNHURRIED, location }), rttMs: 60 })
    const { client, servers, links, counts, recall } = network
    const seen = watchRecords(network)
    const results: LookupResult[] = []
    const stop = keepLookingUp(client, IN_FLIGHT, { onResult: result => { results.push(result) } })

    for (let steps = 1; steps <= 2; steps++) {
      await expect.poll(() => results.length, { timeout: 30_000 }).toBeGreaterThan(steps * LOOKUPS)
      clock.stepBy(stepMs)
    }

    await expect.poll(() => results.length, { timeout: 30_000 }).toBeGreaterThan(3 * LOOKUPS)
    await stop()
    const { scores, latencies } = seen.stop()
    const longest = Math.max(...results.map(({ timeMs }) => timeMs))

    expect(Math.min(...scores), 'lowest score').toBeGreaterThanOrEqual(0)
    expect(Math.max(...scores), 'highest score').toBeLessThanOrEqual(1)
    expect(Math.min(...latencies), 'shortest latency').toBeGreaterThanOrEqual(0)
    expect(Math.max(...latencies), 'longest latency').toBeLessThanOrEqual(longest)
    expect(counts().good).toBe(PEERS)
    expect(results.map(recall)).toEqual(results.map(() => 1))

    const known = scoresOf(client).size
    const errors: string[] = []
    await client.stop()
    const restarted = await createFaultClient({ factory: scored({ location }), links, options: { logger: errorsTo(errors) } })
    const restored = servers.infos.map(({ id }) => scoresOf(restarted).get(id))
    await restarted.stop()

    expect(errors.filter(error => error.includes('is lost'))).toEqual([])
    expect(known).toBe(PEERS)
    expect(restored.filter(({ class: itsClass }) => itsClass === 'good').length).toBe(PEERS)
  })

  test.each(STEPS)('$step, silent peers hold no lookup for longer than otherwise', async ({ stepMs }) => {
    const clock = settableClock()
    const { client, links, peers } = await faultyNetwork(PEERS, { rttMs: 60 })
    const longest = async (name: string, dead: string[], onMiddle: () => void): Promise<number> => {
      // all have to be dialled
      links.reset(peers)
      await expect.poll(() => links.size).toBe(0)
      links.become('silent', dead)
      const timer = setTimeout(onMiddle, 250)
      const results = await lookups(client, 10, 10, { name })
      clearTimeout(timer)
      links.become('up', dead)

      return Math.max(...results.map(({ timeMs }) => timeMs))
    }

    const without = await longest('without', peers.slice(0, 2), () => {})
    const withStep = await longest('with', peers.slice(2, 4), () => { clock.stepBy(stepMs) })
    const after = await longest('after', peers.slice(4, 6), () => {})

    expect(withStep, 'longest while the clock was set, ms').toBeLessThan(2 * without + 1_000)
    expect(after, 'longest after it, ms').toBeLessThan(2 * without + 1_000)
  })
})

/** The extremes of all scores and latencies, looked at again and again */
function watchRecords ({ client, servers }: Awaited<ReturnType<typeof faultyNetwork>>): { stop: () => { scores: Set<number>, latencies: Set<number> } } {
  const scores = new Set<number>()
  const latencies = new Set<number>()
  const look = (): void => {
    for (const { id } of servers.infos) {
      const { score, record } = scoresOf(client).get(id)
      const { reliability, referral, latencyMs, latencyDeviationMs } = record as PeerScore

      scores.add(score).add(reliability).add(referral)
      latencies.add(latencyMs ?? 0).add(latencyDeviationMs ?? 0)
    }
  }
  const timer = setInterval(look, 5)

  return {
    stop () {
      clearInterval(timer)
      look()

      return { scores, latencies }
    }
  }
}

function errorsTo (errors: string[]): ComponentLogger {
  const forComponent = (): Logger => Object.assign(() => {}, {
    error: (formatter: unknown, ...args: unknown[]) => { errors.push(format(formatter, ...args)) },
    trace: () => {},
    enabled: false,
    newScope: forComponent
  })

  return { forComponent }
}
