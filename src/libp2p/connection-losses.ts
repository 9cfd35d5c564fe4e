import type { Connection, Libp2pEvents } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'

export interface ConnectionLossesComponents {
  events: TypedEventTarget<Libp2pEvents>
}

/**
 * Tells of every connection that closes, whoever closed it: many at once are a sign that
 * our own network is gone.
 */
export class ConnectionLosses {
  private readonly events: TypedEventTarget<Libp2pEvents>
  private readonly onClose: (event: CustomEvent<Connection>) => void

  /**
   * @param onLost - Told of the peer's handle, `peerId.toString()`
   */
  constructor ({ events }: ConnectionLossesComponents, onLost: (peer: string) => void) {
    this.events = events
    this.onClose = ({ detail }) => { onLost(detail.remotePeer.toString()) }
  }

  start (): void {
    this.events.addEventListener('connection:close', this.onClose)
  }

  stop (): void {
    this.events.removeEventListener('connection:close', this.onClose)
  }
}
