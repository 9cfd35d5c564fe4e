import { onTestFinished, vi } from 'vitest'

/**
 * Lets time pass for everything that asks for the date, until the test is over;
 * timers keep to real time. To be called before the nodes are made.
 */
export function shiftedClock (): { advance: (ms: number) => void } {
  const realNow = Date.now
  let shiftMs = 0
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + shiftMs)
  onTestFinished(() => { spy.mockRestore() })

  return { advance: ms => { shiftMs += ms } }
}
