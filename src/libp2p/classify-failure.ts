import type { Outcome } from '../score/outcome.ts'

/** How far a request got before it failed */
export type RequestStage = 'dialling' | 'waiting'

/** Errors that say something about us, not about the peer */
const OUR_OWN = new Set(['DialDeniedError', 'NotStartedError', 'InvalidPeerIdError', 'ConnectionDeniedError', 'LimitedConnectionError', 'TooManyOutboundProtocolStreamsError', 'TooManyPendingDialsError'])

const TIMEOUTS = new Set(['TimeoutError', 'AbortError'])

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])

/**
 * Turn the error of a request into an outcome.
 *
 * @param afterMs - How long the request was under way, ms
 * @returns undefined where the peer is not to blame
 */
export function classifyFailure (error: Error & { code?: unknown }, stage: RequestStage, afterMs: number): Outcome | undefined {
  if (OUR_OWN.has(error.name) || error.message === 'Dial queue is full') {
    return
  }

  if (stage === 'waiting') {
    return TIMEOUTS.has(error.name) ? { type: 'timedOut', afterMs } : { type: 'protocolError' }
  }

  if (error.name === 'UnsupportedProtocolError') {
    return { type: 'protocolError' }
  }

  if (error.name === 'NoValidAddressesError') {
    return { type: 'dialFailed', class: 'noAddress' }
  }

  const causes: Array<Error & { code?: unknown }> = error instanceof AggregateError ? error.errors : [error]
  const timedOut = causes.some(({ name, code }) => TIMEOUTS.has(name) || (typeof code === 'string' && TIMEOUT_CODES.has(code)))

  return { type: 'dialFailed', class: timedOut ? 'timeout' : 'refused' }
}
