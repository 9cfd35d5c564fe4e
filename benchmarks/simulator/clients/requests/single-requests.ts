import { PeerRequest } from '../../../../src/lookup/peer-request.ts'
import { BULK_LIMITS } from '../../../../src/parameters/bulk-limits.ts'
import { outcomeOf } from './outcome-of.ts'
import type { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import type { RequestTimeouts } from '../../../../src/parameters/request-timeouts.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { ClientComponents } from '../client.ts'

/**
 * Pings and stores of a client with scores. These requests belong to no lookup.
 */
export class SingleRequests {
  readonly #components: Pick<ClientComponents, 'world' | 'clock' | 'connections'>
  readonly #table: ScoredRoutingTable<number>
  readonly #timeouts: RequestTimeouts

  constructor (components: Pick<ClientComponents, 'world' | 'clock' | 'connections'>, table: ScoredRoutingTable<number>, timeouts: RequestTimeouts) {
    this.#components = components
    this.#table = table
    this.#timeouts = timeouts
  }

  /**
   * Ping a peer, and count the outcome
   */
  ping (peer: number, timeoutMs: number, onEnd: (answered: boolean) => void): void {
    const settle = this.#begin(peer)

    this.#components.connections.ask(peer, { totalMs: timeoutMs }, {
      onEnd: end => {
        settle(outcomeOf(end))
        onEnd(end.type === 'answered')
      }
    })
  }

  /**
   * Store a record with a peer, and count the outcome
   *
   * @param answered - False for provider records, because they get no answer
   * @returns Cancels the request, so that `onEnd` is not called
   */
  store (peer: number, answered: boolean, onEnd: (succeeded: boolean) => void): () => void {
    return this.#store(peer, answered, this.#timeouts.minMs, { onEnd })
  }

  /**
   * Store many records with a peer over one stream, and count the outcome. The peer answers a
   * question behind them.
   *
   * @param handlers.onConnected - The records are written now
   */
  storeMany (peer: number, handlers: { onConnected: () => void, onEnd: (succeeded: boolean) => void }): void {
    this.#store(peer, true, BULK_LIMITS.timeoutsPerSend * this.#timeouts.minMs, handlers)
  }

  #store (peer: number, answered: boolean, totalMs: number, { onConnected, onEnd }: { onConnected?: () => void, onEnd: (succeeded: boolean) => void }): () => void {
    const settle = this.#begin(peer)

    return this.#components.connections.ask(peer, { totalMs }, {
      onConnected,
      onEnd: end => {
        settle(end.type === 'answered'
          ? { type: 'stored', latencyMs: answered ? end.latencyMs : undefined, setupMs: end.setupMs, dialled: end.dialled }
          : outcomeOf(end))
        onEnd(end.type === 'answered')
      }
    }, { answered, sendTrips: 1 })
  }

  #begin (peer: number): (outcome: Outcome) => void {
    const { world: { population }, clock } = this.#components
    const request = new PeerRequest({ entry: { peer, kadId: population.kadId(peer) }, table: this.#table, startedAt: clock.now })

    return outcome => { request.advance({ type: 'settled', now: clock.now, outcome }) }
  }
}
