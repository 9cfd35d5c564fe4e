/** Requests that run on at once over all lookups */
const MAX_REQUESTS = 256

/**
 * Keeps count of the requests that run on after their lookup has ended or was given up:
 * each is late, and how it ends decides whether that is held against its peer. One for
 * each peer is enough.
 */
export class BackgroundRequests {
  private readonly byPeer = new Map<string, object>()

  /**
   * Ask whether a late request may run on.
   *
   * @param request - Stands for it in `ended`
   * @returns `admitted`; `twin` where another to the same peer runs on already; `full` where too many do
   */
  admit (peer: string, request: object): 'admitted' | 'twin' | 'full' {
    if (this.byPeer.has(peer)) {
      return 'twin'
    }

    if (this.byPeer.size >= MAX_REQUESTS) {
      return 'full'
    }

    this.byPeer.set(peer, request)

    return 'admitted'
  }

  /**
   * A request has ended, whether it ran on or not
   */
  ended (peer: string, request: object): void {
    if (this.byPeer.get(peer) === request) {
      this.byPeer.delete(peer)
    }
  }
}
