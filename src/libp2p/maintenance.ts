import { setMaxListeners } from 'main-event'
import type { Logger } from '@libp2p/interface'

/** Bounds of the pause between two searches for good peers, ms: doubled each time, as small networks may have no more */
const MIN_SEARCH_PAUSE_MS = 30_000
const MAX_SEARCH_PAUSE_MS = 600_000

/** A search for good peers is given up after this time, ms */
const SEARCH_TIMEOUT_MS = 30_000

export interface MaintenanceInit {
  intervalMs: number
  /** What is done at every interval */
  tick: () => Promise<void>
  /** Whether there are fewer good peers than there should be */
  needsGoodPeers: () => boolean
  /** Look for more peers */
  search: (signal: AbortSignal) => Promise<void>
  now: () => number
  log: Logger
}

/**
 * What has to be done now and then while the service runs. One round at a time.
 */
export class Maintenance {
  private readonly init: MaintenanceInit
  private controller?: AbortController
  private timer?: ReturnType<typeof setTimeout>
  private round: Promise<void> = Promise.resolve()
  private search: Promise<void> | undefined
  private searchPauseMs = MIN_SEARCH_PAUSE_MS
  private nextSearchAt = 0

  constructor (init: MaintenanceInit) {
    this.init = init
  }

  start (): void {
    this.controller = new AbortController()
    setMaxListeners(Infinity, this.controller.signal)
    this.searchPauseMs = MIN_SEARCH_PAUSE_MS
    this.nextSearchAt = this.init.now() + MIN_SEARCH_PAUSE_MS
    this.schedule(this.controller.signal)
  }

  /**
   * @returns When what was under way has ended
   */
  async stop (): Promise<void> {
    this.controller?.abort()
    clearTimeout(this.timer)
    await Promise.all([this.round, this.search])
  }

  private schedule (signal: AbortSignal): void {
    this.timer = setTimeout(() => {
      this.round = this.run(signal).catch(err => { this.init.log.error('maintenance failed - %e', err) }).finally(() => {
        if (!signal.aborted) {
          this.schedule(signal)
        }
      })
    }, this.init.intervalMs)
    this.timer.unref?.()
  }

  private async run (signal: AbortSignal): Promise<void> {
    const { tick, needsGoodPeers, search, now, log } = this.init

    // a store that can't be written must not keep us from looking for peers
    await tick().catch(err => { log.error('maintenance failed - %e', err) })

    if (!needsGoodPeers()) {
      this.searchPauseMs = MIN_SEARCH_PAUSE_MS
      return
    }

    if (now() >= this.nextSearchAt && !signal.aborted) {
      this.searchPauseMs = Math.min(2 * this.searchPauseMs, MAX_SEARCH_PAUSE_MS)
      this.nextSearchAt = now() + this.searchPauseMs
      log('too few good peers, looking for more')

      // the next round must not wait for it
      this.search ??= search(AbortSignal.any([signal, AbortSignal.timeout(SEARCH_TIMEOUT_MS)]))
        .catch(err => { log('search for good peers ended - %e', err) })
        .finally(() => { this.search = undefined })
    }
  }
}
