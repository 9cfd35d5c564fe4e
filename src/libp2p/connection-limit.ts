import { TimeoutError } from '@libp2p/interface'
import type { Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** How often the node looks at its connections while requests end, ms */
const INTERVAL_MS = 1_000

export type ConnectionLimitComponents = Pick<ConnectionManager, 'getConnections' | 'getMaxConnections' | 'setMaxConnections'>

/**
 * Brings the node back within the connections that its user allowed. libp2p looks
 * for connections to close only when one opens, and spares those with streams: many
 * requests at a time leave more behind than the limit, until somebody connects
 * again, and a peer that never ends its side of a stream keeps its connection.
 */
export class ConnectionLimit {
  readonly #connectionManager: ConnectionLimitComponents
  /** Streams that we have ended, with the looks for which they may stay half open */
  #ended: Array<{ stream: Pick<Stream, 'status' | 'abort'>, looks: number }> = []
  #state: 'stopped' | 'idle' | ReturnType<typeof setTimeout> = 'stopped'

  constructor (connectionManager: ConnectionLimitComponents) {
    this.#connectionManager = connectionManager
  }

  start (): void {
    this.#state = 'idle'
  }

  stop (): void {
    if (typeof this.#state !== 'string') {
      clearTimeout(this.#state)
    }

    this.#state = 'stopped'
    this.#ended = []
  }

  /**
   * A request has ended, its connection may be one too many now
   *
   * @param stream - Its stream, that we closed
   * @param halfOpenMs - How long the peer may leave it open on its side, ms
   */
  requestEnded (stream: Pick<Stream, 'status' | 'abort'> | undefined, halfOpenMs: number): void {
    if (this.#state === 'stopped') {
      return
    }

    if (stream !== undefined) {
      this.#ended.push({ stream, looks: Math.ceil(halfOpenMs / INTERVAL_MS) })
    }

    this.#schedule()
  }

  #schedule (): void {
    if (this.#state === 'idle') {
      this.#state = setTimeout(() => {
        this.#state = 'idle'
        this.#look()
      }, INTERVAL_MS)
      this.#state.unref?.()
    }
  }

  #look (): void {
    this.#ended = this.#ended
      .map(({ stream, looks }) => ({ stream, looks: looks - 1 }))
      .filter(({ stream, looks }) => {
        if (stream.status === 'open' && looks < 0) {
          stream.abort(new TimeoutError('The peer did not end its side of the stream'))
        }

        return stream.status === 'open'
      })

    const limit = this.#connectionManager.getMaxConnections()

    // a stand-in for the connection manager, as the tests of kad-dht use one, gives none
    if (this.#connectionManager.getConnections()?.length > limit) {
      // a limit that becomes lower is what makes libp2p look for connections to close; which ones is up to it
      this.#connectionManager.setMaxConnections(limit + 1)
      this.#connectionManager.setMaxConnections(limit)
    }

    if (this.#ended.length > 0) {
      this.#schedule()
    }
  }
}
