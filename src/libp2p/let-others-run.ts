/** How long work goes on before others get their turn, ms. The last step may take longer, and a node is to stand still for less than 10 ms. */
const SLICE_MS = 4

/**
 * For work of many steps that may hold the event loop for long, since none of them waits for
 * anything. Call and await the result between two steps.
 *
 * @returns Lets everybody else run when the work has gone on for a few milliseconds; otherwise it returns undefined at once
 */
export function letOthersRun (now: () => number): () => Promise<void> | undefined {
  let since = now()

  return () => now() - since < SLICE_MS
    ? undefined
    : nextTurn().then(() => { since = now() })
}

async function nextTurn (): Promise<void> {
  await new Promise<void>(resolve => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve)
      return
    }

    // a browser slows down the timers of a hidden page, but not its messages
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
