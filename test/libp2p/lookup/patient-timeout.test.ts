import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { patientTimeout } from '../../../src/libp2p/lookup/patient-timeout.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('a patient timeout', () => {
  test('fires in time when it can', () => {
    const callback = vi.fn()
    patientTimeout(callback, 100, () => Date.now())

    vi.advanceTimersByTime(99)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledOnce()
  })

  test('waits once more for as long as it was late', () => {
    const callback = vi.fn()
    let stalledMs = 0
    patientTimeout(callback, 100, () => Date.now() + stalledMs)

    // the process was busy: the clock went on and no timer fired
    stalledMs = 300
    vi.advanceTimersByTime(100)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(299)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledOnce()
  })

  test('can be cleared, also while it waits once more', () => {
    const callback = vi.fn()
    let stalledMs = 0
    const clear = patientTimeout(callback, 100, () => Date.now() + stalledMs)

    stalledMs = 300
    vi.advanceTimersByTime(150)
    clear()
    vi.advanceTimersByTime(1000)

    expect(callback).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
