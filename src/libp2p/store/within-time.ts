/**
 * The result of work that may take for ever. The work goes on after we have given up on it.
 *
 * @param timeMs - How long to wait
 * @param late - Makes the error that is thrown after that time
 * @throws {Error} The work's own error, that of `late`, or the signal's reason
 */
export async function withinTime<T> (work: Promise<T>, timeMs: number, late: () => Error, signal?: AbortSignal): Promise<T> {
  const given = Promise.withResolvers<never>()
  const giveUp = (): void => { given.reject(signal?.reason) }
  const timer = setTimeout(() => { given.reject(late()) }, timeMs)
  signal?.addEventListener('abort', giveUp)

  if (signal?.aborted === true) {
    giveUp()
  }

  try {
    return await Promise.race([work, given.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
