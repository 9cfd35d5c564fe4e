import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { InternalQuerySelf } from './kad-dht-internals.ts'

/**
 * Mend the self-query: it counts peers that answered, where kad-dht counts the
 * events of its lookup and so stops after the first few peers, and its first run
 * has a time-out too, since every other query waits for it.
 */
export function mendSelfQuery (querySelf: InternalQuerySelf): void {
  const peerRouting = querySelf.peerRouting

  querySelf.peerRouting = {
    async * getClosestPeers (key, options = {}) {
      const timeout = AbortSignal.timeout(querySelf.queryTimeout)
      const signal = anySignal([options.signal, timeout])
      setMaxListeners(Infinity, signal, timeout)

      const seen = new Set<string>()

      try {
        for await (const event of peerRouting.getClosestPeers(key, { ...options, signal })) {
          if (event.name === 'PEER_RESPONSE' && !seen.has(event.from.toString())) {
            seen.add(event.from.toString())
            yield event
          }
        }
      } catch (err) {
        if (!timeout.aborted) {
          throw err
        }
      } finally {
        signal.clear()
      }
    }
  }
}
