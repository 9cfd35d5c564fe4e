/**
 * The result of work that may take for ever. The work goes on after we have given up on it.
 *
 * @param timeMs - How long to wait
 * @param late - Called after that time. It makes the error that is thrown, or returns undefined to wait for as long again.
 * @throws {Error} The work's own error, that of `late`, or the signal's reason
 */
export async function withinTime<T> (work: Promise<T>, timeMs: number, late: () => Error | undefined, signal?: AbortSignal): Promise<T> {
  const given = Promise.withResolvers<never>()
  const giveUp = (): void => { given.reject(signal?.reason) }
  const wait = (): ReturnType<typeof setTimeout> => setTimeout(() => {
    const error = late()

    if (error === undefined) {
      timer = wait()
    } else {
      given.reject(error)
    }
  }, timeMs)
  let timer = wait()
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
