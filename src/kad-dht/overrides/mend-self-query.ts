import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { InternalQuerySelf } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Correct the self-query in two points. It counts the peers that answered. kad-dht counts the
 * events of the lookup, and so stops after the first few peers. And its first run has
 * a time-out too, because every other query waits for that run.
 */
export function mendSelfQuery (peerRouting: InternalQuerySelf['peerRouting'], { dht }: Pick<OverrideParts, 'dht'>): InternalQuerySelf['peerRouting'] {
  return {
    async * getClosestPeers (key, options = {}) {
      const timeout = new AbortController()
      const signal = anySignal([options.signal, timeout.signal])
      setMaxListeners(Infinity, signal, timeout.signal)

      const seen = new Set<string>()
      let timer: ReturnType<typeof setTimeout> | undefined

      try {
        for await (const event of peerRouting.getClosestPeers(key, { ...options, signal })) {
          // the time-out begins with the lookup; the wait for a first peer before it has none
          timer ??= setTimeout(() => { timeout.abort() }, dht.querySelf.queryTimeout)

          if (event.name === 'PEER_RESPONSE' && !seen.has(event.from.toString())) {
            seen.add(event.from.toString())
            yield event
          }
        }
      } catch (err) {
        if (!timeout.signal.aborted) {
          throw err
        }
      } finally {
        clearTimeout(timer)
        signal.clear()
      }
    }
  }
}
