/** Requests that run on at once over all lookups */
const MAX_REQUESTS = 256

/** So many failures in a row make a good peer poor, and each has to be put right by a late answer of its own */
const MAX_PER_PEER = 3

/**
 * Keeps count of the requests that run on after their lookup has ended or was given up:
 * each is late, and how it ends decides whether that is held against its peer.
 */
export class BackgroundRequests<P extends string | number> {
  readonly #byPeer = new Map<P, Set<object>>()
  #count = 0

  /**
   * Ask whether a late request may run on.
   *
   * @param request - Stands for it in `ended`
   * @returns `admitted`; `enough` where others to the same peer run on already; `full` where too many do in all
   */
  admit (peer: P, request: object): 'admitted' | 'enough' | 'full' {
    const requests = this.#byPeer.get(peer) ?? new Set()

    if (requests.size >= MAX_PER_PEER) {
      return 'enough'
    }

    if (this.#count >= MAX_REQUESTS) {
      return 'full'
    }

    this.#byPeer.set(peer, requests.add(request))
    this.#count++

    return 'admitted'
  }

  /**
   * A request has ended, whether it ran on or not
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
