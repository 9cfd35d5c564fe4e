import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { setRequestTimeout } from '../../../src/kad-dht/overrides/request-timeout.ts'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import type { RequestContext } from '../../../src/libp2p/lookup/request-context.ts'

const CONTEXT: RequestContext = { hardDeadlineMs: 700, dialPriority: 0, onReached: () => {}, onHeld: () => {}, onSettled: () => {} }

let contexts: RequestContexts
let getTimeoutSignal: ReturnType<typeof setRequestTimeout>

beforeEach(() => {
  vi.useFakeTimers()
  contexts = new RequestContexts()
  getTimeoutSignal = setRequestTimeout(() => { throw new Error('not to be called') }, { contexts, timeouts: { minMs: 5_000, maxMs: 60_000 }, now: () => Date.now() })
})

afterEach(() => { vi.useRealTimers() })

describe('the time-out of a request', () => {
  test('is the shortest where nobody says more, and its reason says so', () => {
    const signal = getTimeoutSignal()
    vi.advanceTimersByTime(4_999)
    expect([signal.aborted, signal.timeout]).toEqual([false, 5_000])

    vi.advanceTimersByTime(1)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'The peer did not answer in time' })
  })

  test('is its own for a request of a lookup, whose context the new signal has too', () => {
    const { signal: given } = new AbortController()
    contexts.set(given, CONTEXT)
    const signal = getTimeoutSignal({ signal: given })

    expect([signal.timeout, contexts.get(signal)]).toEqual([700, CONTEXT])
    vi.advanceTimersByTime(700)
    expect(signal.aborted).toBe(true)
  })

  test('does not grow with the failures of others', () => {
    for (let i = 0; i < 10; i++) {
      getTimeoutSignal()
      vi.advanceTimersByTime(5_000)
    }

    expect(getTimeoutSignal().timeout).toBe(5_000)
  })

  test('ends with the signal that was given', () => {
    const controller = new AbortController()
    const signal = getTimeoutSignal({ signal: controller.signal })
    controller.abort(new Error('enough'))

    expect(signal.aborted).toBe(true)
    expect(contexts.get(signal)).toBeUndefined()
  })

  test('leaves no timer behind when it is cleared', () => {
    const signal = getTimeoutSignal()
    signal.clear()

    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(10_000)
    expect(signal.aborted).toBe(false)
  })
})
