import { raceSignal } from 'race-signal'
import type { AbortOptions } from '@libp2p/interface'

/** How many items are in a batch at most: each batch is one write to the disk, of some milliseconds */
const MAX_ITEMS = 1_000

/** How many bytes of values are in a batch, unless its last item is larger: it bounds what is in memory */
const MAX_BYTES = 1024 * 1024

/**
 * Items in batches, as they come. The next ones are asked for when a batch has been used.
 *
 * @param bytesOf - How large an item is; small ones may count as 0
 * @throws The source's error, or the signal's reason; the source is closed then
 */
export async function * inBatches<T> (source: AsyncIterable<T> | Iterable<T>, bytesOf: (item: T) => number, { signal }: AbortOptions = {}): AsyncGenerator<T[]> {
  let batch: T[] = []
  let bytes = 0

  for await (const item of Symbol.asyncIterator in source ? abortable(source, signal) : source) {
    signal?.throwIfAborted()
    batch.push(item)
    bytes += bytesOf(item)

    if (batch.length === MAX_ITEMS || bytes >= MAX_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
  }

  signal?.throwIfAborted()

  if (batch.length > 0) {
    yield batch
  }
}

/** A source may say nothing for long, and must not be waited for then */
async function * abortable<T> (source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const items = source[Symbol.asyncIterator]()
  let isOver = false

  try {
    while (true) {
      const next = await raceSignal(items.next(), signal).catch(err => {
        isOver = signal?.aborted !== true
        throw err
      })

      if (next.done === true) {
        isOver = true
        return
      }

      yield next.value
    }
  } finally {
    if (!isOver) {
      const closed = Promise.resolve(items.return?.())

      if (signal?.aborted === true) {
        // a generator closes only when its next item has come
        closed.catch(() => {})
      } else {
        await closed
      }
    }
  }
}
