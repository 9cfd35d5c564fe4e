import { setMaxListeners } from 'main-event'
import type { Upkeep } from '../upkeep/upkeep.ts'
import type { UpkeepCommand } from '../upkeep/upkeep-command.ts'
import type { UpkeepFact, UpkeepTimer } from '../upkeep/upkeep-fact.ts'
import type { Logger } from '@libp2p/interface'

/** A fact, whose time is that of being told */
export type UntimedFact<F = UpkeepFact<string>> = F extends unknown ? Omit<F, 'now'> : never

/**
 * How a live node does what its upkeep commands. The signal is aborted when the node
 * stops; errors are logged.
 */
export interface UpkeepTasks {
  introduce: (peer: string, signal: AbortSignal) => Promise<void>
  admit: (peer: string) => void
  dial: (peer: string, signal: AbortSignal) => Promise<void>
  refresh: (prefixLength: number, signal: AbortSignal) => Promise<void>
  search: (signal: AbortSignal) => Promise<void>
  /** For how long the connection is kept, ms; undefined for no longer */
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
 * Drives the upkeep of a live node: facts in, and timers and tasks out of its commands.
 */
export class UpkeepRunner {
  readonly #init: UpkeepRunnerInit
  readonly #timers = new Map<UpkeepTimer, ReturnType<typeof setTimeout>>()
  readonly #running = new Set<Promise<void>>()
  #controller: AbortController | undefined

  constructor (init: UpkeepRunnerInit) {
    this.#init = init
  }

  start (): void {
    this.#controller = new AbortController()
    setMaxListeners(Infinity, this.#controller.signal)
    this.tell({ type: 'started' })
  }

  /** Give up what is under way, and begin nothing more */
  stop (): void {
    this.#controller?.abort()
    this.#controller = undefined
    this.#timers.forEach(timer => { clearTimeout(timer) })
    this.#timers.clear()
    this.tell({ type: 'stopped' })
  }

  /**
   * @returns When all that was under way has ended
   */
  async ended (): Promise<void> {
    await Promise.all(this.#running)
  }

  /** Something happened */
  tell (fact: UntimedFact): void {
    this.#advance(fact).forEach(command => { this.#perform(command) })
  }

  /**
   * Whom to ping when a bucket is full and somebody knocks
   *
   * @param bucket - Its peers
   * @param old - Those of them that were not pinged for long enough, the longest first
   */
  bucketFull (bucket: readonly string[], old: readonly string[]): string[] {
    return this.#advance({ type: 'bucketFull', bucket, old }).flatMap(command => command.type === 'verify' ? command.peers : [])
  }

  #advance (fact: UntimedFact): Array<UpkeepCommand<string>> {
    const { upkeep, now } = this.#init

    return upkeep.advance({ ...fact, now: now() })
  }

  #perform (command: UpkeepCommand<string>): void {
    const { tasks } = this.#init

    switch (command.type) {
      case 'introduce':
        this.#run(`introduce ${command.peer}`, async signal => tasks.introduce(command.peer, signal), { type: 'introduced', peer: command.peer })
        break
      case 'dial':
        this.#run(`dial ${command.peer}`, async signal => tasks.dial(command.peer, signal), { type: 'dialled', peer: command.peer })
        break
      case 'lookUp':
        this.#lookUp(command)
        break
      case 'admit':
        tasks.admit(command.peer)
        break
      case 'keepAlive':
        this.#follow(`keep the connection to ${command.peer}`, tasks.keepAlive(command.peer, command.forMs))
        break
      case 'letGo':
        this.#follow(`let go the connection to ${command.peer}`, tasks.keepAlive(command.peer, undefined))
        break
      case 'save':
        // nothing here waits for the disk
        tasks.save().catch(err => { this.#init.log.error('could not store scores - %e', err) })
        break
      case 'setTimer':
        this.#setTimer(command.timer, command.atMs)
        break
      case 'verify':
        // it is the answer to `bucketFull`
        break
      default:
        command satisfies never
    }
  }

  #lookUp (command: UpkeepCommand<string> & { type: 'lookUp' }): void {
    const { tasks, log } = this.#init
    const ended = { type: 'lookedUp' as const, reason: command.reason }

    if (command.reason === 'refresh') {
      this.#run(`refresh common prefix length ${command.prefixLength}`, async signal => tasks.refresh(command.prefixLength, signal), ended)
    } else {
      log('too few good peers, looking for more')
      this.#run('search for good peers', async signal => tasks.search(AbortSignal.any([signal, AbortSignal.timeout(command.timeoutMs)])), ended)
    }
  }

  #setTimer (timer: UpkeepTimer, atMs: number): void {
    clearTimeout(this.#timers.get(timer))
    // never too early: a timer cuts off what is behind the point
    const handle = setTimeout(() => { this.tell({ type: 'timerFired', timer }) }, Math.max(0, Math.ceil(atMs - this.#init.now())))
    handle.unref?.()
    this.#timers.set(timer, handle)
  }

  /** Begin a task, and tell of its end, unless the node was stopped meanwhile */
  #run (what: string, task: (signal: AbortSignal) => Promise<void>, ended: UntimedFact): void {
    const signal = this.#controller?.signal

    if (signal === undefined) {
      return
    }

    this.#follow(what, task(signal), () => {
      if (!signal.aborted) {
        this.tell(ended)
      }
    })
  }

  #follow (what: string, task: Promise<void>, onEnd: () => void = () => {}): void {
    const { log } = this.#init
    const running = task.catch(err => { log('could not %s - %e', what, err) }).then(() => {
      this.#running.delete(running)
      onEnd()
    })

    this.#running.add(running)
  }
}
