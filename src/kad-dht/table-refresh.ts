import { commonPrefixLength } from '../keyspace/common-prefix-length.ts'
import type { InternalRoutingTable, InternalTableRefresh } from './internals.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { UpkeepRunner } from '../libp2p/upkeep-runner.ts'
import type { AbortOptions } from '@libp2p/interface'

export interface TableRefreshInit {
  refresh: InternalTableRefresh
  routingTable: InternalRoutingTable
}

/**
 * The refresh of the routing table, as far as it is kad-dht's: the upkeep decides when what is
 * looked up.
 */
export class TableRefresh {
  readonly #init: TableRefreshInit
  /** Of who asked for the refresh that is under way */
  #given: AbortSignal | undefined
  #onAbort = (): void => {}

  constructor (init: TableRefreshInit) {
    this.#init = init
  }

  /**
   * Refresh what is due, or with `force` everything. It takes its time, and does nothing
   * while the node is stopped.
   */
  ask (upkeep: Pick<UpkeepRunner, 'tell'>, force = false, { signal }: AbortOptions = {}): void {
    if (signal?.aborted === true) {
      return
    }

    this.ended()
    this.#given = signal
    this.#onAbort = () => {
      this.ended()
      upkeep.tell({ type: 'refreshCancelled' })
    }
    signal?.addEventListener('abort', this.#onAbort)
    upkeep.tell({ type: 'refreshAsked', force })
  }

  /**
   * The refresh is over: whoever asked for it has no say any more
   */
  ended (): void {
    this.#given?.removeEventListener('abort', this.#onAbort)
    this.#given = undefined
  }

  /**
   * A lookup with answers refreshed the part of the table that its target belongs to
   *
   * @returns Its common prefix length with ourselves; undefined while the table does not know us
   */
  lookedUp (target: KadId): number | undefined {
    const { refresh, routingTable } = this.#init
    const self = routingTable.kb.localPeer

    if (self === undefined) {
      return undefined
    }

    const length = commonPrefixLength(self.kadId, target)
    refresh.commonPrefixLengthRefreshedAt[length] = new Date()

    return length
  }

  /** Look up a random key of a common prefix length */
  async lookUp (length: number, signal: AbortSignal): Promise<void> {
    const { refresh } = this.#init
    const lastRefresh = refresh.commonPrefixLengthRefreshedAt[length] ?? new Date(0)
    const either = this.#given === undefined ? signal : AbortSignal.any([this.#given, signal])

    await refresh._refreshCommonPrefixLength(length, lastRefresh, true, { signal: either })
  }
}
