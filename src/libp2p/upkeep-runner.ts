import { TimeoutError } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { raceSignal } from 'race-signal'
import { UpkeepDriver } from '../upkeep/upkeep-driver.ts'
import type { Upkeep } from '../upkeep/upkeep.ts'
import type { UntimedFact } from '../upkeep/upkeep-driver.ts'
import type { Logger } from '@libp2p/interface'

/** A timer whose work failed comes again after this time, ms */
const RETRY_MS = 10_000

/**
 * How a live node carries out the commands of its upkeep. The signal of each task is aborted
 * when the node stops. Errors of a task are logged.
 */
export interface UpkeepTasks {
  introduce: (peer: string, signal: AbortSignal) => Promise<void>
  admit: (peer: string) => void
  dial: (peer: string, signal: AbortSignal) => Promise<void>
  verify: (peer: string, signal: AbortSignal) => Promise<void>
  refresh: (prefixLength: number, signal: AbortSignal) => Promise<void>
  /** The refresh that is over had the signal of whoever asked for it */
  refreshEnded: () => void
  search: (signal: AbortSignal) => Promise<void>
  /** Keep the connection to a peer for `forMs`, ms; undefined: do not keep it any longer */
  keepAlive: (peer: string, forMs: number | undefined) => Promise<void>
  save: () => Promise<void>
}

export interface UpkeepRunnerInit {
  upkeep: Upkeep<string>
  tasks: UpkeepTasks
  now: () => number
  log: Logger
}

/**
 * Runs the upkeep of a live node: its commands become timers and tasks.
 */
export class UpkeepRunner {
  readonly #init: UpkeepRunnerInit
  readonly #driver: UpkeepDriver<string>
  readonly #running = new Set<Promise<void>>()
  /** Aborted while the node is stopped */
  #controller = new AbortController()

  constructor (init: UpkeepRunnerInit) {
    setMaxListeners(Infinity, this.#controller.signal)

    const { upkeep, tasks, now, log } = this.#init = init

    this.#driver = new UpkeepDriver(upkeep, {
      now,
      schedule: (atMs, happen) => this.#schedule(atMs, happen),
      introduce: (peer, done) => { this.#run(`introduce ${peer}`, async signal => tasks.introduce(peer, signal), done) },
      admit: tasks.admit,
      dial: (peer, done) => { this.#run(`dial ${peer}`, async signal => tasks.dial(peer, signal), done) },
      verify: (peer, done) => { this.#run(`verify ${peer}`, async signal => tasks.verify(peer, signal), done) },
      refresh: (prefixLength, done) => { this.#run(`refresh common prefix length ${prefixLength}`, async signal => tasks.refresh(prefixLength, signal), done) },
      refreshEnded: tasks.refreshEnded,
      search: done => {
        const controller = new AbortController()

        log('too few good peers, looking for more')
        this.#run('search for good peers', async signal => tasks.search(AbortSignal.any([signal, controller.signal])), () => {
          if (!controller.signal.aborted) {
            done()
          }
        })

        return () => { controller.abort(new TimeoutError('The search for good peers took too long')) }
      },
      keepAlive: (peer, forMs) => { this.#follow(`keep or let go the connection to ${peer}`, tasks.keepAlive(peer, forMs)) },
      // the upkeep does not wait for the store
      save: () => { tasks.save().catch(err => { log.error('could not store scores - %e', err) }) }
    })
  }

  start (): void {
    this.#controller = new AbortController()
    setMaxListeners(Infinity, this.#controller.signal)
    this.tell({ type: 'started' })
  }

  /** Give up the tasks that are under way, and begin no more */
  stop (): void {
    this.#controller.abort()
    this.#driver.clearTimers()
    this.tell({ type: 'stopped' })
  }

  /**
   * Resolves when all tasks that were under way have ended
   */
  async ended (): Promise<void> {
    await Promise.all(this.#running)
  }

  /** Take in a fact */
  tell (fact: UntimedFact<string>): void {
    this.#driver.tell(fact)
  }

  /**
   * Whom to ping when a new peer wants to enter a full bucket
   *
   * @param bucket - The peers of the bucket
   * @param old - The peers of the bucket that were not pinged for long enough, the longest first
   */
  bucketFull (bucket: readonly string[], old: readonly string[]): string[] {
    return this.#driver.bucketFull(bucket, old)
  }

  #schedule (atMs: number, happen: () => void): () => void {
    const { now, log } = this.#init
    let handle: ReturnType<typeof setTimeout>
    const set = (delayMs: number): void => {
      handle = setTimeout(() => {
        try {
          happen()
        } catch (err) {
          log.error('upkeep failed, trying again - %e', err)
          set(RETRY_MS)
        }
      }, delayMs)
      handle.unref?.()
    }

    // rounded up, because timers cut off the fraction and would fire too early
    set(Math.max(0, Math.ceil(atMs - now())))

    return () => { clearTimeout(handle) }
  }

  /** Begin a task, and call `done` at its end, unless the node was stopped meanwhile */
  #run (what: string, task: (signal: AbortSignal) => Promise<void>, done: () => void): void {
    const { signal } = this.#controller

    if (signal.aborted) {
      return
    }

    // a task that does not obey the signal must not hold up the stop
    this.#follow(what, raceSignal(task(signal), signal), () => {
      if (!signal.aborted) {
        done()
      }
    })
  }

  #follow (what: string, task: Promise<void>, onEnd: () => void = () => {}): void {
    const { log } = this.#init
    const running = task
      .catch(err => { log('could not %s - %e', what, err) })
      .then(onEnd)
      .catch(err => { log.error('upkeep failed after it had to %s - %e', what, err) })
      .finally(() => { this.#running.delete(running) })

    this.#running.add(running)
  }
}
