import type { KadDHTInternals } from './internals.ts'
import type { AbortOptions } from '@libp2p/interface'

type Operations = Pick<KadDHTInternals, 'peerRouting' | 'contentRouting' | 'contentFetching' | 'queryManager'>

/**
 * Make every operation end with its signal, however far its consumer is behind: after
 * an abort nothing more is told, and the reason is thrown. kad-dht looks at the signal
 * between the events of a lookup only, and tells the rest of what a `provide` has in
 * store, or ends a `put` that reached nobody as if it were done. When the DHT stops, a
 * store ends too, without an error as a lookup does.
 */
export function obeySignals ({ peerRouting, contentRouting, contentFetching, queryManager }: Operations): void {
  // with metrics these are bound wrappers, without they are prototype methods
  const findPeer = peerRouting.findPeer.bind(peerRouting)
  const getClosestPeers = peerRouting.getClosestPeers.bind(peerRouting)
  const findProviders = contentRouting.findProviders.bind(contentRouting)
  const provide = contentRouting.provide.bind(contentRouting)
  const get = contentFetching.get.bind(contentFetching)
  const put = contentFetching.put.bind(contentFetching)

  peerRouting.findPeer = (id, options) => obey(findPeer(id, options), options)
  peerRouting.getClosestPeers = (key, options) => obey(getClosestPeers(key, options), options)
  contentRouting.findProviders = (key, options) => obey(findProviders(key, options), options)
  contentFetching.get = (key, options) => obey(get(key, options), options)
  contentRouting.provide = (key, multiaddrs, options) => obey(provide(key, multiaddrs, options), options, queryManager.shutDownController.signal)
  contentFetching.put = (key, value, options) => obey(put(key, value, options), options, queryManager.shutDownController.signal)
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
