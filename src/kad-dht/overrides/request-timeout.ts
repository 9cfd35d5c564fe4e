import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { patientTimeout } from '../../libp2p/lookup/patient-timeout.ts'
import type { InternalNetwork } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

type GetTimeoutSignal = InternalNetwork['timeout']['getTimeoutSignal']

/**
 * Give each request of a lookup its own time-out, all others the shortest. kad-dht
 * has one for everybody that grows with each failure, so that a few dead peers
 * make every request wait longer for the next one.
 */
export function setRequestTimeout (_: GetTimeoutSignal, { contexts, timeouts, now }: Pick<OverrideParts, 'contexts' | 'timeouts' | 'now'>): GetTimeoutSignal {
  return options => {
    const context = contexts.get(options?.signal)
    const timeoutMs = context?.hardDeadlineMs ?? timeouts.minMs
    // not AbortSignal.timeout: what Node keeps of those outlasts the requests, and grows
    const timeout = new AbortController()
    const clearTimer = patientTimeout(() => { timeout.abort(new TimeoutError('The peer did not answer in time')) }, timeoutMs, now)
    const signal = anySignal([options?.signal, timeout.signal])
    const clear = signal.clear.bind(signal)
    setMaxListeners(Infinity, signal, timeout.signal)

    if (context !== undefined) {
      contexts.set(signal, context)
    }

    return Object.assign(signal, {
      // as kad-dht has it
      start: Date.now(),
      timeout: timeoutMs,
      clear: () => {
        clearTimer()
        clear()
      }
    })
  }
}
