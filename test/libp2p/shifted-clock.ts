import { onTestFinished, vi } from 'vitest'

/**
 * Lets time pass for everything that asks for the time, of day or since the start,
 * until the test is over; timers keep to real time. To be called before the nodes are made.
 */
export function shiftedClock (): { advance: (ms: number) => void } {
  const realDateNow = Date.now
  const realNow = performance.now.bind(performance)
  let shiftMs = 0
  const spies = [
    vi.spyOn(Date, 'now').mockImplementation(() => realDateNow() + shiftMs),
    vi.spyOn(performance, 'now').mockImplementation(() => realNow() + shiftMs)
  ]
  onTestFinished(() => { spies.forEach(spy => { spy.mockRestore() }) })

  return { advance: ms => { shiftMs += ms } }
}
