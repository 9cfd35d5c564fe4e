import { onTestFinished, vi } from 'vitest'

/**
 * A clock of the day that can be set, as users and time servers do, until the test is
 * over. No time passes by it: timers and `performance.now` go on as before. To be called
 * before the nodes are made.
 */
export function settableClock (): { stepBy: (ms: number) => void } {
  const realNow = Date.now
  let shiftMs = 0
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + shiftMs)
  onTestFinished(() => { spy.mockRestore() })

  return { stepBy: ms => { shiftMs += ms } }
}
