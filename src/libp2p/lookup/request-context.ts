import type { DHTMessage } from '../../kad-dht/dht-message.ts'
import type { Outcome } from '../../score/outcome.ts'

/**
 * What a lookup shares with the code that dials and sends one of its requests: limits for the
 * request, and callbacks by which the lookup is told what happens
 */
export interface RequestContext {
  /** The request is given up after this time, ms */
  hardDeadlineMs: number
  /** Priority in the dial queue; a peer with a higher one is dialled earlier */
  dialPriority: number
  /** Messages without an answer that are sent ahead of the request on the same stream. The answer to the request shows that the peer has read them. */
  ahead?: Array<Partial<DHTMessage>>
  /** A question that is sent behind a message without an answer, on the same stream. Its answer shows that the peer has read the message. */
  confirmation?: { question: Partial<DHTMessage>, onAnswer: (answer: DHTMessage) => void }
  /** Called when the dialled peer has given its first sign of life */
  onReached: () => void
  /** Called with true when our own limits keep the dial waiting, and with false when they no longer do */
  onHeld: (isHeld: boolean) => void
  /** Called with the outcome of the request. Not called when the peer is not to blame for a failure. */
  onSettled: (outcome: Outcome) => void
}

/**
 * Finds the context of a request by its abort signal. kad-dht's query functions make new
 * options for the network, and the signal is the only thing that they pass on unchanged.
 */
export class RequestContexts {
  readonly #contexts = new WeakMap<AbortSignal, RequestContext>()

  set (signal: AbortSignal, context: RequestContext): void {
    this.#contexts.set(signal, context)
  }

  get (signal: AbortSignal | undefined): RequestContext | undefined {
    return signal === undefined ? undefined : this.#contexts.get(signal)
  }
}
