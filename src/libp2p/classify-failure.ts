import type { Outcome } from '../score/outcome.ts'

/**
 * How far a request got before it failed; `disconnected` when its connection was lost
 * while it waited for the answer
 */
export type RequestStage = 'dialling' | 'waiting' | 'disconnected'

/** Errors that say something about us, not about the peer */
const OUR_OWN = new Set(['DialDeniedError', 'NotStartedError', 'InvalidPeerIdError', 'ConnectionDeniedError', 'LimitedConnectionError', 'TooManyOutboundProtocolStreamsError', 'TooManyPendingDialsError'])

const TIMEOUTS = new Set(['TimeoutError', 'AbortError'])

/** The connection is gone, though it may be listed as open for a while */
const CONNECTION_LOST = new Set(['ConnectionClosedError', 'ConnectionClosingError', 'MuxerClosedError'])

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'])

/** Our own machine has no way to the address, or to a name server: nothing has left it */
const NO_ROUTE_CODES = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAI_AGAIN'])

type Cause = Error & { code?: unknown }

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

  if (error.name === 'UnsupportedProtocolError') {
    return { type: 'protocolError' }
  }

  if (stage !== 'dialling' && (stage === 'disconnected' || CONNECTION_LOST.has(error.name))) {
    return { type: 'timedOut', afterMs }
  }

  if (stage === 'waiting') {
    return TIMEOUTS.has(error.name) ? { type: 'timedOut', afterMs } : { type: 'protocolError' }
  }

  if (error.name === 'NoValidAddressesError') {
    return { type: 'dialFailed', class: 'noAddress' }
  }

  return { type: 'dialFailed', class: dialFailureClass(causesOf(error)) }
}

function dialFailureClass (causes: Cause[]): 'noRoute' | 'timeout' | 'refused' {
  if (causes.every(cause => hasCode(cause, NO_ROUTE_CODES))) {
    return 'noRoute'
  }

  return causes.some(cause => TIMEOUTS.has(cause.name) || hasCode(cause, TIMEOUT_CODES)) ? 'timeout' : 'refused'
}

/** An error for each address, however they were put together */
function causesOf (error: Cause): Cause[] {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors.flatMap(causesOf) : [error]
}

/** The code of an error or of what caused it */
function hasCode (error: Cause, codes: Set<string>): boolean {
  return (typeof error.code === 'string' && codes.has(error.code)) || (error.cause instanceof Error && hasCode(error.cause, codes))
}
