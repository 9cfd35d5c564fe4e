import type { Upkeep } from './upkeep.ts'
import type { UpkeepCommand } from './upkeep-command.ts'
import type { UpkeepFact, UpkeepTimer } from './upkeep-fact.ts'

/** A fact without its time. The driver adds the time at which it is told of the fact. */
export type UntimedFact<P> = UpkeepFact<P> extends infer F ? F extends unknown ? Omit<F, 'now'> : never : never

/** What carries out the commands. `done` must be called when the task is over, with success or without. */
export interface UpkeepWorld<P> {
  now: () => number

  /**
   * Call `happen` at a time, ms, or at once when that time has passed
   *
   * @returns Cancels the call
   */
  schedule: (atMs: number, happen: () => void) => () => void

  introduce: (peer: P, done: () => void) => void
  admit: (peer: P) => void
  dial: (peer: P, done: () => void) => void
  verify: (peer: P, done: () => void) => void
  refresh: (prefixLength: number, done: () => void) => void
  /** The refresh of the routing table is over */
  refreshEnded?: () => void
  /** Look up a random key. Returns a function that gives up the lookup, after which `done` is not called. */
  search: (done: () => void) => () => void
  /** Keep the connection to a peer for `forMs`, ms; undefined: do not keep it any longer */
  keepAlive: (peer: P, forMs: number | undefined) => void
  save: () => void
}

/**
 * Drives the upkeep of a node, live or in the simulator. It takes in facts, keeps the
 * timers, and passes the other commands on to its world.
 */
export class UpkeepDriver<P extends string | number> {
  readonly #upkeep: Upkeep<P>
  readonly #world: UpkeepWorld<P>
  /** Cancels each timer, by its name */
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
   * Whom to ping when a new peer wants to enter a full bucket
   *
   * @param bucket - The peers of the bucket
   * @param old - The peers of the bucket that were not pinged for long enough, the longest first
   */
  bucketFull (bucket: readonly P[], old: readonly P[]): P[] {
    return this.#advance({ type: 'bucketFull', bucket, old }).flatMap(command => command.type === 'makeRoom' ? command.peers : [])
  }

  /**
   * The node has stopped: cancel all timers
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
        world.verify(command.peer, () => { this.tell({ type: 'verified', peer: command.peer }) })
        break
      case 'makeRoom':
        // `bucketFull` returns these peers to its caller
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
