import type { InternalContentFetching, InternalContentRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

type Search<Subject, Options> = (subject: Subject, options: Options) => AsyncGenerator<QueryEvent>

/**
 * Make a search or a read end with its signal, however far its consumer is behind: after
 * an abort nothing more is told, and the reason is thrown. kad-dht looks at the signal
 * between the events of a lookup only.
 */
export function obeySignal<Subject, Options extends AbortOptions | undefined> (search: Search<Subject, Options>): Search<Subject, Options> {
  return (subject, options) => obey(search(subject, options), options)
}

/**
 * The same of a `provide`, of which kad-dht tells the rest of what it has in store. When
 * the DHT stops, it ends too, without an error as a lookup does.
 */
export function provideObeysSignals (provide: InternalContentRouting['provide'], { dht }: Pick<OverrideParts, 'dht'>): InternalContentRouting['provide'] {
  return (key, multiaddrs, options) => obey(provide(key, multiaddrs, options), options, dht.queryManager.shutDownController.signal)
}

/**
 * The same of a `put`, which kad-dht ends as if it were done though it reached nobody
 */
export function putObeysSignals (put: InternalContentFetching['put'], { dht }: Pick<OverrideParts, 'dht'>): InternalContentFetching['put'] {
  return (key, value, options) => obey(put(key, value, options), options, dht.queryManager.shutDownController.signal)
}

async function * obey<T> (events: AsyncIterable<T>, { signal }: AbortOptions = {}, shutDown?: AbortSignal): AsyncGenerator<T> {
  // on a stopped node the operation says so itself
  const wasRunning = shutDown?.aborted === false

  for await (const event of events) {
    signal?.throwIfAborted()

    if (wasRunning && shutDown.aborted) {
      return
    }

    yield event
  }
}
