import { onTestFinished, vi } from 'vitest'

/**
 * Watches the timers of one delay, which should be an unusual one, until the test is
 * over
 *
 * @returns How many of them are set and have neither fired nor been cleared
 */
export function pendingTimers (delayMs: number): () => number {
  const pending = new Set<unknown>()
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const setSpy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    const timer = set(() => {
      pending.delete(timer)
      callback(...args)
    }, delay)

    if (delay === delayMs) {
      pending.add(timer)
    }

    return timer
  }) as typeof setTimeout)
  const clearSpy = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(timer => {
    pending.delete(timer)
    clear(timer)
  })

  onTestFinished(() => {
    setSpy.mockRestore()
    clearSpy.mockRestore()
    pending.forEach(timer => { clear(timer as NodeJS.Timeout) })
  })

  return () => pending.size
}
