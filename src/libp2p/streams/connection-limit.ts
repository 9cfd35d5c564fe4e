import { TimeoutError } from '@libp2p/interface'
import { connectionsOf } from './connections-of.ts'
import type { Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** How often the node looks at its connections while requests end, ms */
const INTERVAL_MS = 1_000

/** How often it looks otherwise, since pings and others open connections too, ms */
const IDLE_INTERVAL_MS = 4_000

export type ConnectionLimitComponents = Pick<ConnectionManager, 'getConnections' | 'getMaxConnections' | 'setMaxConnections'>

/**
 * Brings the node back within the connection limit that its user set. libp2p looks for
 * connections to close only when one opens, and spares those with streams. So many requests
 * at a time leave more connections behind than the limit allows, until somebody connects
 * again. And a peer that never ends its side of a stream keeps its connection.
 */
export class ConnectionLimit {
  readonly #connectionManager: ConnectionLimitComponents
  /** Streams that we have ended, and for how many more looks each may stay half open */
  #ended: Array<{ stream: Pick<Stream, 'status' | 'abort'>, looks: number }> = []
  #state: { type: 'stopped' } | { type: 'idle' } | { type: 'waiting', timer: ReturnType<typeof setTimeout>, forMs: number } = { type: 'stopped' }

  constructor (connectionManager: ConnectionLimitComponents) {
    this.#connectionManager = connectionManager
  }

  start (): void {
    this.#state = { type: 'idle' }
    this.#schedule(IDLE_INTERVAL_MS)
  }

  stop (): void {
    this.#interrupt()
    this.#state = { type: 'stopped' }
    this.#ended = []
  }

  /**
   * A request has ended, so its connection may be one too many now
   *
   * @param stream - The request's stream, which we have closed
   * @param halfOpenMs - How long the peer may leave the stream open on its side, ms
   */
  requestEnded (stream: Pick<Stream, 'status' | 'abort'> | undefined, halfOpenMs: number): void {
    if (this.#state.type === 'stopped') {
      return
    }

    if (stream !== undefined) {
      this.#ended.push({ stream, looks: Math.ceil(halfOpenMs / INTERVAL_MS) })
    }

    if (this.#state.type === 'waiting' && this.#state.forMs > INTERVAL_MS) {
      this.#interrupt()
    }

    this.#schedule(INTERVAL_MS)
  }

  #interrupt (): void {
    if (this.#state.type === 'waiting') {
      clearTimeout(this.#state.timer)
      this.#state = { type: 'idle' }
    }
  }

  #schedule (afterMs: number): void {
    if (this.#state.type !== 'idle') {
      return
    }

    const timer = setTimeout(() => {
      this.#state = { type: 'idle' }
      this.#look()
    }, afterMs)
    timer.unref?.()
    this.#state = { type: 'waiting', timer, forMs: afterMs }
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

    if (connectionsOf(this.#connectionManager).length > limit) {
      // libp2p looks for connections to close when its limit becomes lower; it chooses which ones
      this.#connectionManager.setMaxConnections(limit + 1)
      this.#connectionManager.setMaxConnections(limit)
    }

    this.#schedule(this.#ended.length > 0 ? INTERVAL_MS : IDLE_INTERVAL_MS)
  }
}
