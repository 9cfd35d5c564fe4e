import { describe, expect, test } from 'vitest'
import { NetworkLatency } from '../../src/timing/network-latency.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'

function network (init = { initialLatencyMs: 100, initialLatencyDeviationMs: 10, initialDialRatio: 3 }): NetworkLatency {
  return new NetworkLatency(validateScoreParameters(init))
}

function times (count: number, work: (i: number) => void): void {
  for (let i = 0; i < count; i++) {
    work(i)
  }
}

describe('the latency of the network', () => {
  test('is what is assumed before anything was measured', () => {
    const { meanMs, deviationMs, dialRatio, uncertaintyMs } = network()

    expect({ meanMs, deviationMs, dialRatio, uncertaintyMs }).toEqual({ meanMs: 100, deviationMs: 10, dialRatio: 3, uncertaintyMs: 10 })
  })

  test('counts what was assumed as one answer', () => {
    const latency = network()
    latency.record(140)

    expect([latency.meanMs, latency.deviationMs, latency.uncertaintyMs]).toEqual([120, 25, 12.5])
  })

  test('comes close to that of most answers, and is certain of it', () => {
    const latency = network()
    times(500, i => { latency.record(i % 2 === 0 ? 40 : 60) })

    expect(latency.meanMs).toBeCloseTo(50, 0)
    expect(latency.deviationMs).toBeCloseTo(10, 0)
    expect(latency.uncertaintyMs).toBeCloseTo(0.1, 1)
  })

  test('forgets another network within a few hundred answers', () => {
    const latency = network()
    times(1000, () => { latency.record(500) })
    times(300, () => { latency.record(50) })

    expect(latency.meanMs).toBeLessThan(80)
  })

  test('is hardly moved by a peer that takes a minute', () => {
    const latency = network()
    times(100, i => { latency.record(95 + i % 10) })
    const before = latency.meanMs
    latency.record(60_000)

    expect(latency.meanMs - before).toBeLessThan(1)
  })

  test('rises even where it has never varied', () => {
    const latency = network({ initialLatencyMs: 10, initialLatencyDeviationMs: 0, initialDialRatio: 3 })
    times(1000, () => { latency.record(50) })

    expect(latency.meanMs).toBeCloseTo(50, 0)
  })
})

describe('the dial ratio of the network', () => {
  test('is the quotient of two means, not the mean of quotients', () => {
    const latency = network({ initialLatencyMs: 100, initialLatencyDeviationMs: 10, initialDialRatio: 2 })
    latency.recordDial(400, 0)

    expect(latency.dialRatio).toBe((200 + 400) / 2 / ((100 + 0) / 2))
  })

  test('follows the dials, and leaves the latency to those who tell of answers', () => {
    const latency = network()
    times(500, () => { latency.recordDial(700, 100) })

    expect(latency.dialRatio).toBeCloseTo(7, 0)
    expect(latency.meanMs).toBe(100)
  })

  test.each([
    ['a dial that took a minute', 60_000, 100],
    ['an answer that took a minute', 300, 60_000]
  ])('is hardly moved by %s', (_, setupMs, latencyMs) => {
    const latency = network()
    times(200, () => { latency.recordDial(300, 100) })
    const before = latency.dialRatio
    latency.recordDial(setupMs, latencyMs)

    expect(Math.abs(latency.dialRatio / before - 1)).toBeLessThan(0.05)
  })
})
