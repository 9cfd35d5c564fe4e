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
 * Connects the refresh of kad-dht's routing table with the upkeep. The upkeep decides what is
 * looked up, and when.
 */
export class TableRefresh {
  readonly #init: TableRefreshInit
  /** The signal of whoever asked for the refresh that is under way */
  #given: AbortSignal | undefined
  #onAbort = (): void => {}

  constructor (init: TableRefreshInit) {
    this.#init = init
  }

  /**
   * Ask for a refresh of the parts that are due, or with `force` of all parts. The refresh goes on
   * after this returns. While the node is stopped, nothing happens.
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
   * A lookup that had answers has refreshed the part of the table to which its target belongs
   *
   * @returns The length of the common prefix of the target with us, bits; undefined while the table does not know our own kad id
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

  /** Look up a random key whose common prefix with us has this length, bits */
  async lookUp (length: number, signal: AbortSignal): Promise<void> {
    const { refresh } = this.#init
    const lastRefresh = refresh.commonPrefixLengthRefreshedAt[length] ?? new Date(0)
    const either = this.#given === undefined ? signal : AbortSignal.any([this.#given, signal])

    await refresh._refreshCommonPrefixLength(length, lastRefresh, true, { signal: either })
  }
}
