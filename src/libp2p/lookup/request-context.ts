import type { Outcome } from '../../score/outcome.ts'

/**
 * What a lookup knows of one of its requests, for those who carry it out below, and what
 * these tell
 */
export interface RequestContext {
  /** Hard deadline: the request is given up after this time, ms */
  hardDeadlineMs: number
  /** For the dial queue: higher is dialled earlier */
  dialPriority: number
  /** Told when the dialled peer has shown the first sign of life */
  onReached: () => void
  /** Told when our own limits keep the dial waiting, and when that is over */
  onHeld: (isHeld: boolean) => void
  /** Told how the request ended, if that says anything about the peer */
  onSettled: (outcome: Outcome) => void
}

/**
 * Finds a request's context by its abort signal: kad-dht's query functions make options of
 * their own for the network, and the signal is all that they pass on unchanged.
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
