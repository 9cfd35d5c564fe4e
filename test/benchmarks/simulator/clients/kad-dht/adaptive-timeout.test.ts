import { AdaptiveTimeout as UpstreamTimeout } from '@libp2p/utils'
import { describe, expect, test, vi } from 'vitest'
import { AdaptiveTimeout } from '../../../../../benchmarks/simulator/clients/kad-dht/adaptive-timeout.ts'
import { seededRandom } from '../../../../../benchmarks/random/seeded-random.ts'

describe('AdaptiveTimeout', () => {
  test('begins with five seconds', () => {
    expect(new AdaptiveTimeout().timeoutMs).toBe(5_000)
  })

  test('grows to 2.4 times a first abort, and to a minute at most', () => {
    const timeout = new AdaptiveTimeout()

    timeout.ended(5_000, true, 5_000)
    expect(timeout.timeoutMs).toBe(12_000)

    timeout.ended(50_000, true, 500_000)
    expect(timeout.timeoutMs).toBe(60_000)
  })

  test('has the time-outs that js-libp2p has', () => {
    vi.useFakeTimers({ now: 0 })

    const random = seededRandom(1, 'adaptive time-out')
    const ours = new AdaptiveTimeout()
    const upstream = new UpstreamTimeout()
    const timeouts: number[] = []

    try {
      for (let i = 0; i < 200; i++) {
        const controller = new AbortController()
        const signal = upstream.getTimeoutSignal({ signal: controller.signal })
        const tookMs = Math.floor(random() * 20_000)
        const aborted = random() < 0.4

        expect(ours.timeoutMs).toBe(signal.timeout)
        timeouts.push(signal.timeout)

        vi.advanceTimersByTime(tookMs)

        if (aborted) {
          controller.abort()
        }

        upstream.cleanUp(signal)
        ours.ended(tookMs, aborted, Date.now())
      }
    } finally {
      vi.useRealTimers()
    }

    expect(new Set(timeouts).size).toBeGreaterThan(100)
  })
})
