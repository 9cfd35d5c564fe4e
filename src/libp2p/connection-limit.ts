import type { ConnectionManager } from '@libp2p/interface-internal'

/** Long enough for most peers to end the streams that we ended, as libp2p spares connections with streams, ms */
const SETTLE_MS = 1_000

/**
 * Brings the node back within the connections that its user allowed. libp2p looks
 * for connections to close only when one opens, and spares those with streams: many
 * requests at a time leave more behind than the limit, until somebody connects again.
 */
export class ConnectionLimit {
  readonly #connectionManager: Pick<ConnectionManager, 'getConnections' | 'getMaxConnections' | 'setMaxConnections'>
  #isRunning = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor (connectionManager: Pick<ConnectionManager, 'getConnections' | 'getMaxConnections' | 'setMaxConnections'>) {
    this.#connectionManager = connectionManager
  }

  start (): void {
    this.#isRunning = true
  }

  stop (): void {
    this.#isRunning = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /**
   * A request has ended, its connection may be one too many now
   */
  requestEnded (): void {
    if (!this.#isRunning || this.#timer !== undefined) {
      return
    }

    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#enforce()
    }, SETTLE_MS)
    this.#timer.unref?.()
  }

  #enforce (): void {
    const limit = this.#connectionManager.getMaxConnections()

    if (this.#connectionManager.getConnections().length > limit) {
      // a limit that becomes lower is what makes libp2p look for connections to close; which ones is up to it
      this.#connectionManager.setMaxConnections(limit + 1)
      this.#connectionManager.setMaxConnections(limit)
    }
  }
}
