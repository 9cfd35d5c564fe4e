import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { patientTimeout } from '../libp2p/lookup/patient-timeout.ts'
import type { InternalNetwork } from './internals.ts'
import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { RequestContexts } from '../libp2p/lookup/request-context.ts'

/**
 * Give each request of a lookup its own time-out, all others the shortest. kad-dht
 * has one for everybody that grows with each failure, so that a few dead peers
 * make every request wait longer for the next one.
 */
export function setRequestTimeouts (network: InternalNetwork, contexts: RequestContexts, { minMs }: RequestTimeouts, now: () => number): void {
  network.timeout.getTimeoutSignal = options => {
    const context = contexts.get(options?.signal)
    const timeoutMs = context?.hardDeadlineMs ?? minMs
    // not AbortSignal.timeout: what Node keeps of those outlasts the requests, and grows
    const timeout = new AbortController()
    const clearTimer = patientTimeout(() => { timeout.abort(new TimeoutError('The peer did not answer in time')) }, timeoutMs, now)
    const signal = anySignal([options?.signal, timeout.signal])
    const clear = signal.clear.bind(signal)
    setMaxListeners(Infinity, signal, timeout.signal)

    if (context != null) {
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
