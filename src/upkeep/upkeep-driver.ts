import type { Upkeep } from './upkeep.ts'
import type { UpkeepCommand } from './upkeep-command.ts'
import type { UpkeepFact, UpkeepTimer } from './upkeep-fact.ts'

/** A fact, whose time is that of being told */
export type UntimedFact<P> = UpkeepFact<P> extends infer F ? F extends unknown ? Omit<F, 'now'> : never : never

/** What carries commands out; `done` is to be called once the task is over, whatever came of it */
export interface UpkeepWorld<P> {
  now: () => number

  /**
   * Have something happen at a time, ms, or at once when that is over
   *
   * @returns Cancels it
   */
  schedule: (atMs: number, happen: () => void) => () => void

  introduce: (peer: P, done: () => void) => void
  admit: (peer: P) => void
  dial: (peer: P, done: () => void) => void
  refresh: (prefixLength: number, done: () => void) => void
  refreshEnded?: () => void
  /** Look up a random key; returns what gives that up, without `done` */
  search: (done: () => void) => () => void
  /** For how long the connection is kept, ms; undefined for no longer */
  keepAlive: (peer: P, forMs: number | undefined) => void
  save: () => void
}

/**
 * Drives the upkeep of a node in either world: takes facts in, keeps its timers, and has
 * the other commands carried out.
 */
export class UpkeepDriver<P extends string | number> {
  readonly #upkeep: Upkeep<P>
  readonly #world: UpkeepWorld<P>
  /** What clears each timer */
  readonly #timers = new Map<UpkeepTimer, () => void>()

  constructor (upkeep: Upkeep<P>, world: UpkeepWorld<P>) {
    this.#upkeep = upkeep
    this.#world = world
  }

  /**
   * Something happened
   */
  tell (fact: UntimedFact<P>): void {
    this.#advance(fact).forEach(command => { this.#perform(command) })
  }

  /**
   * Whom to ping when a bucket is full and somebody knocks
   *
   * @param bucket - Its peers
   * @param old - Those of them that were not pinged for long enough, the longest first
   */
  bucketFull (bucket: readonly P[], old: readonly P[]): P[] {
    return this.#advance({ type: 'bucketFull', bucket, old }).flatMap(command => command.type === 'verify' ? command.peers : [])
  }

  /**
   * The node has stopped: nothing happens any more by itself
   */
  clearTimers (): void {
    this.#timers.forEach(clear => { clear() })
    this.#timers.clear()
  }

  #advance (fact: UntimedFact<P>): Array<UpkeepCommand<P>> {
    return this.#upkeep.advance({ ...fact, now: this.#world.now() })
  }

  #perform (command: UpkeepCommand<P>): void {
    const world = this.#world

    switch (command.type) {
      case 'introduce':
        world.introduce(command.peer, () => { this.tell({ type: 'introduced', peer: command.peer }) })
        break
      case 'admit':
        world.admit(command.peer)
        break
      case 'dial':
        world.dial(command.peer, () => { this.tell({ type: 'dialled', peer: command.peer }) })
        break
      case 'lookUp':
        this.#lookUp(command)
        break
      case 'refreshEnded':
        world.refreshEnded?.()
        break
      case 'keepAlive':
        world.keepAlive(command.peer, command.forMs)
        break
      case 'letGo':
        world.keepAlive(command.peer, undefined)
        break
      case 'save':
        world.save()
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

  #lookUp (command: UpkeepCommand<P> & { type: 'lookUp' }): void {
    const done = (): void => { this.tell({ type: 'lookedUp', reason: command.reason }) }

    if (command.reason === 'refresh') {
      this.#world.refresh(command.prefixLength, done)
    } else {
      this.#search(command.timeoutMs, done)
    }
  }

  #search (timeoutMs: number, done: () => void): void {
    const { now, schedule, search } = this.#world
    const cancelTimeout = schedule(now() + timeoutMs, () => {
      giveUp()
      done()
    })
    const giveUp = search(() => {
      cancelTimeout()
      done()
    })
  }

  #setTimer (timer: UpkeepTimer, atMs: number): void {
    this.#timers.get(timer)?.()
    this.#timers.set(timer, this.#world.schedule(atMs, () => {
      this.#timers.delete(timer)
      this.tell({ type: 'timerFired', timer })
    }))
  }
}
