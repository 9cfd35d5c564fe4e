import { NODE_LIMITS } from '../parameters/node-limits.ts'

/**
 * Keeps count of the requests that run on in the background, after their lookup has ended
 * or has let them go. They are late requests and probes. They run on so that the scores of
 * their peers learn how they end.
 */
export class BackgroundRequests<P extends string | number> {
  readonly #byPeer = new Map<P, Set<object>>()
  #count = 0

  /**
   * Ask whether a request may run on.
   *
   * @param request - Identifies the request; give the same object to `ended`
   * @returns `admitted`: it may; `enough`: too many requests to the same peer run on already; `full`: too many run on in all
   */
  admit (peer: P, request: object): 'admitted' | 'enough' | 'full' {
    const requests = this.#byPeer.get(peer) ?? new Set()

    if (requests.size >= NODE_LIMITS.maxBackgroundRequestsPerPeer) {
      return 'enough'
    }

    if (this.#count >= NODE_LIMITS.maxBackgroundRequests) {
      return 'full'
    }

    this.#byPeer.set(peer, requests.add(request))
    this.#count++

    return 'admitted'
  }

  /**
   * A request has ended. It need not have been admitted.
   */
  ended (peer: P, request: object): void {
    const requests = this.#byPeer.get(peer)

    if (requests?.delete(request) !== true) {
      return
    }

    this.#count--

    if (requests.size === 0) {
      this.#byPeer.delete(peer)
    }
  }
}
