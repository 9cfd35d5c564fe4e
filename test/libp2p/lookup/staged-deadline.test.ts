import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StagedDeadline } from '../../../src/libp2p/lookup/staged-deadline.ts'

const INIT = { connectDeadlineMs: 300, deadlineMs: 2000, dialledDeadlineMs: (connectMs: number) => 10 * connectMs, now: () => Date.now() }

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('a soft deadline', () => {
  it.each([
    ['nothing comes back: after the time for a first sign of life', INIT, undefined, 300, false],
    ['there is a connection: after the whole time', { ...INIT, connectDeadlineMs: undefined }, undefined, 2000, true],
    ['the sign of life was quick: after the time that follows from it', INIT, 50, 500, true],
    ['the sign of life was slow: after the whole time at most', INIT, 250, 2000, true],
    ['the whole time is shorter than that for a first sign of life', { ...INIT, deadlineMs: 200 }, undefined, 200, false]
  ])('passes once where %s', (_, init, signAfterMs, afterMs, reached) => {
    const onPassed = vi.fn()
    const deadline = new StagedDeadline({ ...init, onPassed })

    if (signAfterMs != null) {
      vi.advanceTimersByTime(signAfterMs)
      deadline.reached()
    }

    vi.advanceTimersByTime(afterMs - (signAfterMs ?? 0) - 1)
    expect(onPassed).not.toHaveBeenCalled()

    vi.advanceTimersByTime(10_000)
    expect(onPassed.mock.calls).toEqual([[afterMs, reached]])
  })

  it('does not pass again when the sign of life comes too late', () => {
    const onPassed = vi.fn()
    const deadline = new StagedDeadline({ ...INIT, onPassed })

    vi.advanceTimersByTime(400)
    deadline.reached()
    vi.advanceTimersByTime(10_000)

    expect(onPassed).toHaveBeenCalledOnce()
  })

  it('does not pass when it is cleared', () => {
    const onPassed = vi.fn()
    new StagedDeadline({ ...INIT, onPassed }).clear()

    vi.advanceTimersByTime(10_000)

    expect(onPassed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
