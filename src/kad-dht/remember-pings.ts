import type { InternalRoutingTable } from './internals.ts'
import type { PeerBook } from '../libp2p/peers/peer-book.ts'

export interface RememberPingsInit {
  book: Pick<PeerBook, 'get'>
  /** The time of day, which kad-dht uses for its pings, ms since the epoch */
  timeOfDay: () => number
}

/**
 * Note when a peer of a bucket has answered a ping. kad-dht notes it only when the peer
 * enters the bucket, so it would ping a peer that answers again and again.
 */
export function rememberPings (routingTable: InternalRoutingTable, { book, timeOfDay }: RememberPingsInit): void {
  routingTable.addEventListener('peer:ping', ({ detail: id }) => {
    const kadId = book.get(id.toString())?.kadId
    const contact = kadId === undefined ? undefined : routingTable.kb.get(kadId)

    if (contact !== undefined) {
      contact.lastPing = timeOfDay()
    }
  })
}
