import type { InternalContentFetching, InternalContentRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

type Search<Subject, Options> = (subject: Subject, options: Options) => AsyncGenerator<QueryEvent>

/**
 * Make a search or a read end when its signal is aborted, even if its consumer is far behind.
 * After an abort no more events are yielded, and the reason is thrown. kad-dht checks the
 * signal only between the events of a lookup.
 */
export function obeySignal<Subject, Options extends AbortOptions | undefined> (search: Search<Subject, Options>): Search<Subject, Options> {
  return (subject, options) => obey(search(subject, options), options)
}

/**
 * Make a `provide` end when its signal is aborted, with the reason as its error. kad-dht still
 * yields all events that are waiting. When the DHT stops, a `provide` ends too, without an
 * error, as a lookup does.
 */
export function provideObeysSignals (provide: InternalContentRouting['provide'], { dht }: Pick<OverrideParts, 'dht'>): InternalContentRouting['provide'] {
  return (key, multiaddrs, options) => obey(provide(key, multiaddrs, options), options, dht.queryManager.shutDownController.signal)
}

/**
 * Make a `put` end when its signal is aborted, with the reason as its error. In kad-dht it then
 * ends without an error, even if it reached nobody. When the DHT stops, a `put` ends too, without an error.
 */
export function putObeysSignals (put: InternalContentFetching['put'], { dht }: Pick<OverrideParts, 'dht'>): InternalContentFetching['put'] {
  return (key, value, options) => obey(put(key, value, options), options, dht.queryManager.shutDownController.signal)
}

async function * obey<T> (events: AsyncIterable<T>, { signal }: AbortOptions = {}, shutDown?: AbortSignal): AsyncGenerator<T> {
  // if the node is stopped already, the operation itself throws
  const wasRunning = shutDown?.aborted === false

  for await (const event of events) {
    signal?.throwIfAborted()

    if (wasRunning && shutDown.aborted) {
      return
    }

    yield event
  }
}
