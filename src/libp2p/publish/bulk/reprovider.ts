import { ReprovidePace } from '../../../publish/reprovide-pace.ts'
import { ReprovideSchedule } from '../../../publish/reprovide-schedule.ts'
import { allRegions, waitingRegions } from './waiting-regions.ts'
import type { BulkParameters } from '../../../parameters/bulk-parameters.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { Region } from '../../../publish/region.ts'
import type { ReprovidePlan } from '../../../publish/reprovide-schedule.ts'
import type { BulkRunner } from './bulk-runner.ts'
import type { TaskRegion } from './bulk-run.ts'
import type { KadId } from '../../../keyspace/kad-id.ts'
import type { Logger } from '@libp2p/interface'

/** How often it looks whether a region is due, or a key waits that has failed, ms */
const ROUND_MS = 5 * 60_000

/** After rounds in which nothing could be stored, the pause is no longer than this, ms */
const MAX_PAUSE_MS = 2 * 3_600_000

export interface ReproviderInit {
  keys: PublishedKeys
  runner: BulkRunner
  parameters: Pick<BulkParameters, 'cycleMs'>
  /** This node in the keyspace */
  self: () => Promise<KadId>
  /** Called when the sending falls behind, and when it has caught up */
  onPace: (isFallingBehind: boolean) => void
  now: () => number
  timeOfDay: () => number
  log: Logger
}

/**
 * Sends the keys of this node again, region by region, each once in a cycle. What is due is known from
 * the database, so that after a restart only that is sent.
 */
export class Reprovider {
  readonly #init: ReproviderInit
  readonly #pace = new ReprovidePace()
  #schedule: ReprovideSchedule | undefined
  #state: { type: 'stopped' } | { type: 'running', controller: AbortController, timer: ReturnType<typeof setTimeout> } = { type: 'stopped' }
  #due = 0

  constructor (init: ReproviderInit) {
    this.#init = init
  }

  /** How many regions are due */
  get due (): number {
    return this.#due
  }

  /** Whether the sending keeps up with the schedule */
  get keepsUp (): boolean {
    return !this.#pace.isFallingBehind
  }

  /** Begin with a round in some minutes, when the node knows its peers */
  start (): void {
    if (this.#state.type === 'stopped') {
      this.#next(new AbortController())
    }
  }

  stop (): void {
    if (this.#state.type === 'running') {
      clearTimeout(this.#state.timer)
      this.#state.controller.abort()
      this.#state = { type: 'stopped' }
    }
  }

  /**
   * Send what is due and what waits
   *
   * @returns Whether anything was stored, or nothing had to be
   * @throws {PublishStoreError} The database can't be used
   */
  async round (signal: AbortSignal): Promise<boolean> {
    const { keys, runner } = this.#init

    await keys.open({ signal })

    return keys.size === 0 || runner.inTurn(async () => {
      const length = await runner.regionLength(signal)
      const { due } = await this.#plan(length, signal)
      const { stored, failed, regionsFailed } = await runner.send(this.#regions(due, length, signal), { onEvent: () => {}, ready: async () => {}, signal })

      await this.#plan(length, signal)

      return stored > 0 || failed + regionsFailed === 0
    }, signal)
  }

  /** @param pauseMs - It doubles with each round that was of no use */
  #next (controller: AbortController, pauseMs = ROUND_MS): void {
    const { log } = this.#init
    const timer = setTimeout(() => {
      this.round(controller.signal)
        .catch(err => {
          if (!controller.signal.aborted) {
            log.error('could not provide again what is due - %e', err)
          }

          return false
        })
        .then(isOfUse => {
          if (!controller.signal.aborted) {
            this.#next(controller, isOfUse ? ROUND_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS))
          }
        }, () => {})
    }, pauseMs)

    // a node is not kept running for this
    timer.unref?.()
    this.#state = { type: 'running', controller, timer }
  }

  /** What is due comes first, then the other keys that wait */
  async * #regions (due: ReprovidePlan['due'], length: number, signal: AbortSignal): AsyncGenerator<TaskRegion> {
    const { keys, parameters, timeOfDay } = this.#init

    for (const region of due) {
      // a region without keys is not worth its lookups
      if (await isEmpty(keys, region, signal)) {
        await keys.regionSent(region, timeOfDay(), { signal })
      } else {
        yield { region, isWhole: true }
      }
    }

    for await (const task of waitingRegions(keys, length, timeOfDay() - parameters.cycleMs, signal)) {
      if (task.region.without(due).length > 0) {
        yield task
      }
    }
  }

  async #plan (length: number, signal: AbortSignal): Promise<ReprovidePlan> {
    const { keys, parameters, self, onPace, now, timeOfDay } = this.#init
    const schedule = this.#schedule ??= new ReprovideSchedule({ cycleMs: parameters.cycleMs, self: await self() })
    const regions = [...allRegions(length)]
    const sentAt = new Map<string, number | undefined>()

    for (const region of regions) {
      sentAt.set(`${region}`, await keys.allSentAt(region, { signal }))
    }

    const plan = schedule.plan(regions, region => sentAt.get(`${region}`), timeOfDay())
    const before = this.#pace.isFallingBehind

    // the clock was ahead, and would hold these back
    for (const { region, sentAtMs } of plan.misdated) {
      await keys.regionSent(region, sentAtMs, { isLatest: true, signal })
    }

    const isFallingBehind = this.#pace.changed({ waiting: plan.due.length, regions: regions.length, cycleMs: parameters.cycleMs }, now())

    this.#due = plan.due.length

    if (isFallingBehind !== before) {
      onPace(isFallingBehind)
    }

    return plan
  }
}

async function isEmpty (keys: PublishedKeys, region: Region, signal: AbortSignal): Promise<boolean> {
  const reading = keys.range(region, { signal })

  try {
    return (await reading.next()).done === true
  } finally {
    await reading.return(undefined)
  }
}
