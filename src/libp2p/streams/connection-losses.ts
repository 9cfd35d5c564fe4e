import type { Connection, Libp2pEvents } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'

export interface ConnectionLossesComponents {
  events: TypedEventTarget<Libp2pEvents>
}

/**
 * Tells of every connection that breaks. When many break at once, our own network may be gone.
 * A connection that the other side or our own connection manager closes in an orderly way
 * is no sign of that, and is not told of.
 */
export class ConnectionLosses {
  readonly #events: TypedEventTarget<Libp2pEvents>
  readonly #onClose: (event: CustomEvent<Connection>) => void

  /**
   * @param onLost - Told of the peer's handle, `peerId.toString()`
   */
  constructor ({ events }: ConnectionLossesComponents, onLost: (peer: string) => void) {
    this.#events = events
    this.#onClose = ({ detail: { status, remotePeer } }) => {
      if (status === 'aborted' || status === 'reset') {
        onLost(remotePeer.toString())
      }
    }
  }

  start (): void {
    this.#events.addEventListener('connection:close', this.#onClose)
  }

  stop (): void {
    this.#events.removeEventListener('connection:close', this.#onClose)
  }
}
