import { ReprovidePace } from '../../../publish/reprovide-pace.ts'
import { ReprovideSchedule } from '../../../publish/reprovide-schedule.ts'
import { allRegions, waitingRegions } from './waiting-regions.ts'
import type { BulkParameters } from '../../../parameters/bulk-parameters.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { ReprovidePlan } from '../../../publish/reprovide-schedule.ts'
import type { BulkRunner } from './bulk-runner.ts'
import type { TaskRegion } from './bulk-run.ts'
import type { KadId } from '../../../keyspace/kad-id.ts'
import type { Logger } from '@libp2p/interface'

/** How often it looks whether a region is due, or a key waits that has failed, ms */
const ROUND_MS = 5 * 60_000

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
   * @throws {PublishStoreError} The database can't be used
   */
  async round (signal: AbortSignal): Promise<void> {
    const { keys, runner } = this.#init

    await keys.open({ signal })

    if (keys.size > 0) {
      await runner.inTurn(async () => {
        const length = await runner.regionLength(signal)
        const { due } = await this.#plan(length, signal)

        await runner.send(this.#regions(due, length, signal), { onEvent: () => {}, ready: async () => {}, signal })
        await this.#plan(length, signal)
      }, signal)
    }
  }

  #next (controller: AbortController): void {
    const { log } = this.#init
    const timer = setTimeout(() => {
      this.round(controller.signal)
        .catch(err => {
          if (!controller.signal.aborted) {
            log.error('could not provide again what is due - %e', err)
          }
        })
        .finally(() => {
          if (!controller.signal.aborted) {
            this.#next(controller)
          }
        })
    }, ROUND_MS)

    // a node is not kept running for this
    timer.unref?.()
    this.#state = { type: 'running', controller, timer }
  }

  /** What is due comes first, then the other keys that wait */
  async * #regions (due: ReprovidePlan['due'], length: number, signal: AbortSignal): AsyncGenerator<TaskRegion> {
    for (const region of due) {
      yield { region, isWhole: true }
    }

    for await (const task of waitingRegions(this.#init.keys, length, signal)) {
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
      sentAt.set(`${region}`, await keys.sentAt(region.bits, { signal }))
    }

    const plan = schedule.plan(regions, region => sentAt.get(`${region}`), timeOfDay())
    const before = this.#pace.isFallingBehind
    const isFallingBehind = this.#pace.changed({ waiting: plan.due.length, regions: regions.length, cycleMs: parameters.cycleMs }, now())

    this.#due = plan.due.length

    if (isFallingBehind !== before) {
      onPace(isFallingBehind)
    }

    return plan
  }
}
