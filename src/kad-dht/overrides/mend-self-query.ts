import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { InternalQuerySelf } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Mend the self-query: it counts peers that answered, where kad-dht counts the
 * events of its lookup and so stops after the first few peers, and its first run
 * has a time-out too, since every other query waits for it.
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
          // the wait for a first peer has no end, the lookup after it does
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
