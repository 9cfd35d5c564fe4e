import type { Outcome } from '../../score/outcome.ts'

/**
 * How far a request got before it failed. With `disconnected` its connection was lost
 * while it waited for the answer.
 */
export type RequestStage = 'dialling' | 'waiting' | 'disconnected'

/** Errors for which this node is to blame, not the peer */
const OUR_OWN = new Set(['DialDeniedError', 'NotStartedError', 'InvalidPeerIdError', 'ConnectionDeniedError', 'LimitedConnectionError', 'TooManyOutboundProtocolStreamsError', 'TooManyPendingDialsError'])

const TIMEOUTS = new Set(['TimeoutError', 'AbortError'])

/** Errors which say that the connection is gone. libp2p may list it as open for a while. */
export const CONNECTION_LOST: ReadonlySet<string> = new Set(['ConnectionClosedError', 'ConnectionClosingError', 'MuxerClosedError'])

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'])

/** Error codes for which our own machine is to blame. It has no route to the address or the name server, forbids the dial, or has run out of something. Nothing was sent. */
const OUR_OWN_CODES = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EADDRINUSE', 'EAI_AGAIN', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAFNOSUPPORT'])

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

  const causes = causesOf(error).filter(cause => !hasCode(cause, OUR_OWN_CODES))

  if (causes.length === 0) {
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

  const timedOut = causes.some(cause => TIMEOUTS.has(cause.name) || hasCode(cause, TIMEOUT_CODES))

  return { type: 'dialFailed', class: timedOut ? 'timeout' : 'refused' }
}

/** The errors of all addresses that were dialled, taken out of any nested `AggregateError` */
function causesOf (error: Cause): Cause[] {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors.flatMap(causesOf) : [error]
}

/** Whether an error, or one of its causes, has one of the codes */
function hasCode (error: Cause, codes: Set<string>): boolean {
  return (typeof error.code === 'string' && codes.has(error.code)) || (error.cause instanceof Error && hasCode(error.cause, codes))
}
