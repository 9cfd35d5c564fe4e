import { onTestFinished, vi } from 'vitest'

/**
 * Has timers that are set for one time fire after a shorter one, until the test is over, for
 * tests of what a node does when it has waited for long. That it waits for so long is to be
 * tested where the timer is. To be called before the node is made.
 */
export function hurriedTimers (ms: number, { to: hurriedMs }: { to: number }): void {
  const realSetTimeout = globalThis.setTimeout
  const hurried = (callback: () => void, delayMs?: number): ReturnType<typeof setTimeout> => realSetTimeout(callback, delayMs === ms ? hurriedMs : delayMs)
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(hurried as typeof setTimeout)
  onTestFinished(() => { spy.mockRestore() })
}
