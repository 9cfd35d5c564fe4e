import { PeerRequest } from '../../lookup/peer-request.ts'
import type { ScoredRoutingTable } from '../../routing-table/scored-routing-table.ts'
import type { PeerBook } from '../peers/peer-book.ts'
import type { PeerId } from '@libp2p/interface'

export interface SingleRequestsInit {
  table: ScoredRoutingTable<string>
  book: Pick<PeerBook, 'get' | 'add'>
}

/**
 * Makes the requests that belong to no lookup: pings and stores
 */
export class SingleRequests {
  readonly #init: SingleRequestsInit

  constructor (init: SingleRequestsInit) {
    this.#init = init
  }

  /**
   * Begin a request
   *
   * @param startedAt - When the request is made, ms
   */
  async begin (id: PeerId, startedAt: number): Promise<PeerRequest<string>> {
    const { table, book } = this.#init
    const peer = id.toString()
    const { kadId } = book.get(peer) ?? await book.add(id)

    return new PeerRequest({ entry: { peer, kadId }, table, startedAt })
  }
}
