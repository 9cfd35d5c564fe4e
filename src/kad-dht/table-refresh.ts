import { commonPrefixLength } from '../keyspace/common-prefix-length.ts'
import type { InternalRoutingTable, InternalTableRefresh } from './internals.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'

/** The first refresh waits until the node has settled and its user's first lookups are done, ms */
const FIRST_REFRESH_MS = 60_000

/**
 * Go's pause between two refreshes, ms. At kad-dht's, five minutes, a node that looks up
 * 50 keys an hour asks nearly twice as many peers in between, and finds nothing sooner or more:
 * so it was in a simulation of 10,000 nodes.
 */
export const REFRESH_INTERVAL_MS = 600_000

export interface TableRefreshInit {
  refresh: InternalTableRefresh
  routingTable: InternalRoutingTable
  now: () => number
  log: Logger
}

/**
 * Mend the refresh of the routing table: kad-dht never starts it, counts common
 * prefixes in bytes, looks all of them up at once, starts a further chain of
 * timers with each manual refresh, and goes by the time of day, which may be set.
 */
export class TableRefresh {
  private readonly init: TableRefreshInit
  /** By common prefix length, ms */
  private readonly refreshedAt: number[] = []
  private controller?: AbortController

  constructor (init: TableRefreshInit) {
    this.init = init
  }

  start (): void {
    this.controller = new AbortController()
    this.schedule(Math.min(FIRST_REFRESH_MS, this.init.refresh.refreshInterval))
  }

  stop (): void {
    this.controller?.abort()
    this.controller = undefined
    clearTimeout(this.init.refresh.refreshTimeoutId)
  }

  /**
   * Any lookup refreshes the part of the table that its target belongs to
   */
  lookedUp (target: KadId): void {
    const self = this.init.routingTable.kb.localPeer

    if (self != null) {
      this.refreshed(commonPrefixLength(self.kadId, target))
    }
  }

  /**
   * Refresh what is due, or with `force` everything. It takes its time, and does nothing
   * while the node is stopped.
   */
  run (force = false, options: AbortOptions = {}): void {
    this.refreshAll(force, options.signal).catch(err => { this.init.log.error('could not refresh the routing table - %e', err) })
  }

  /**
   * One common prefix length after another: a refresh must not get in a lookup's way
   */
  private async refreshAll (force: boolean, given?: AbortSignal): Promise<void> {
    const { refresh, now, log } = this.init
    const controller = this.controller

    clearTimeout(refresh.refreshTimeoutId)

    if (controller == null) {
      return
    }

    const signal = given == null ? controller.signal : AbortSignal.any([given, controller.signal])
    const tracked = refresh._getTrackedCommonPrefixLengthsForRefresh(refresh._maxCommonPrefix())

    for (const [length, date] of tracked.entries()) {
      if (signal.aborted) {
        break
      }

      if (!force && now() - (this.refreshedAt[length] ?? -Infinity) < refresh.refreshInterval) {
        continue
      }

      try {
        await refresh._refreshCommonPrefixLength(length, date, true, { signal })
        this.refreshed(length)
      } catch (err) {
        log('refresh of common prefix length %d failed - %e', length, err)
      }
    }

    if (this.controller === controller) {
      this.schedule(refresh.refreshInterval)
    }
  }

  private refreshed (length: number): void {
    const { refresh, now } = this.init

    this.refreshedAt[length] = now()
    refresh.commonPrefixLengthRefreshedAt[length] = new Date()
  }

  private schedule (delayMs: number): void {
    const { refresh } = this.init

    clearTimeout(refresh.refreshTimeoutId)
    refresh.refreshTimeoutId = setTimeout(() => { refresh.refreshTable() }, delayMs)
    refresh.refreshTimeoutId.unref?.()
  }
}
