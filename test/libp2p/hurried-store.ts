import { onTestFinished, vi } from 'vitest'

/** How long a node waits for its store, ms: test/libp2p/store/store-session.test.ts checks it */
const PATIENCE_MS = 5_000

/** How long it waits here, ms: still more than a store that works takes */
const HURRIED_MS = 500

/**
 * Has nodes wait for a store that hangs a tenth as long, until the test is over. To be called
 * before the node is made.
 */
export function hurriedStore (): void {
  const realSetTimeout = globalThis.setTimeout
  const hurried = (callback: () => void, ms?: number): ReturnType<typeof setTimeout> => realSetTimeout(callback, ms === PATIENCE_MS ? HURRIED_MS : ms)
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(hurried as typeof setTimeout)
  onTestFinished(() => { spy.mockRestore() })
}
