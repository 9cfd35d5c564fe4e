/**
 * Why a dial failed: the port answered "refused", nothing answered in time, or
 * there was no address to dial.
 */
export type DialFailureClass = 'refused' | 'timeout' | 'noAddress'

/**
 * The result of one RPC or ping that we sent to a peer. Inbound traffic never
 * makes one, nor does a request that we cancelled before its deadline, nor a
 * dial that our own policy denied.
 */
export type Outcome =
  | {
    type: 'responded'
    /** From the request written to the response read, ms: one round trip and the peer's work */
    latencyMs: number
    /** From the wish for a stream to the stream, ms; the dial is included if there was one */
    setupMs: number
    /** True when there was no connection before */
    dialled: boolean
  }
  | {
    type: 'stored'
    /** Undefined where it can't be told from the dial: a provider record has no answer */
    latencyMs: number | undefined
    setupMs: number
    dialled: boolean
  }
  | {
    /** No answer came in time, or the connection was lost before one came */
    type: 'timedOut'
    /** How long we waited, ms */
    afterMs: number
  }
  | { type: 'dialFailed', class: DialFailureClass }
  | { type: 'protocolError' }
  | { type: 'invalidRecord' }

/**
 * What kinds of outcome there are
 */
export type OutcomeType = Outcome['type']
