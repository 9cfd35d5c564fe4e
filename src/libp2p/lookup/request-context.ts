import type { RequestOutcome } from '../../lookup/request-outcome.ts'

/**
 * What a lookup knows of one of its requests, for those who carry it out below
 */
export interface RequestContext {
  /** Hard deadline: the request is given up after this time, ms */
  hardDeadlineMs: number
  /** What becomes of it in the scores */
  outcome: RequestOutcome<string>
  /** Told when the dialled peer has shown the first sign of life */
  onReached?: () => void
  /** Told when our own limits keep the dial waiting, and when that is over */
  onHeld?: (isHeld: boolean) => void
  /** For the dial queue: higher is dialled earlier */
  dialPriority: number
}

/**
 * Finds a request's context by its abort signal, which is all that kad-dht passes
 * through unchanged from the query to the network.
 */
export class RequestContexts {
  private readonly contexts = new WeakMap<AbortSignal, RequestContext>()

  set (signal: AbortSignal, context: RequestContext): void {
    this.contexts.set(signal, context)
  }

  get (signal: AbortSignal | undefined): RequestContext | undefined {
    return signal == null ? undefined : this.contexts.get(signal)
  }
}
