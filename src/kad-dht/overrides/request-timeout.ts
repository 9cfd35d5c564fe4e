import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { patientTimeout } from '../../libp2p/lookup/patient-timeout.ts'
import type { InternalNetwork } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type GetTimeoutSignal = InternalNetwork['timeout']['getTimeoutSignal']

/**
 * Give each request of a lookup its own time-out, and all other requests the shortest one.
 * kad-dht has one time-out for all peers, which grows with each failure. A few dead peers
 * then make every request wait longer.
 */
export function setRequestTimeout (_: GetTimeoutSignal, { contexts, timeouts, now }: Pick<OverrideParts, 'contexts' | 'timeouts' | 'now'>): GetTimeoutSignal {
  return options => {
    const context = contexts.get(options?.signal)
    const timeoutMs = context?.hardDeadlineMs ?? timeouts.minMs
    // AbortSignal.timeout is not used: Node keeps those signals longer than the requests last, so memory would grow
    const timeout = new AbortController()
    const clearTimer = patientTimeout(() => { timeout.abort(new TimeoutError('The peer did not answer in time')) }, timeoutMs, now)
    const signal = anySignal([options?.signal, timeout.signal])
    const clear = signal.clear.bind(signal)
    setMaxListeners(Infinity, signal, timeout.signal)

    if (context !== undefined) {
      contexts.set(signal, context)
    }

    return Object.assign(signal, {
      // kad-dht uses the time of day here
      start: Date.now(),
      timeout: timeoutMs,
      clear: () => {
        clearTimer()
        clear()
      }
    })
  }
}
