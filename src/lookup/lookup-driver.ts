import type { LookupCommand, LookupFact, LookupRun } from './lookup-run.ts'

/** What carries out the commands: streams and timers on a live node, simulated ones in the simulator */
export interface LookupWorld<P extends string | number> {
  now: () => number

  /**
   * Call `happen` at a time, ms, or at once when that time has passed
   *
   * @returns Cancels the call
   */
  schedule: (atMs: number, happen: () => void) => () => void

  ask: (command: LookupCommand<P> & { type: 'ask' }) => void
  /** Give up the request to a peer */
  abort: (peer: P) => void
  finish: (command: LookupCommand<P> & { type: 'finish' }) => void
}

/**
 * Drives one lookup, on a live node or in the simulator. It takes in facts, keeps the
 * timers, and passes the other commands on to its world.
 */
export class LookupDriver<P extends string | number> {
  readonly #run: LookupRun<P>
  readonly #world: LookupWorld<P>
  /** Cancels the timer of each request, by peer. The timer of the lookup itself has the key `undefined`. */
  readonly #timers = new Map<P | undefined, () => void>()

  constructor (run: LookupRun<P>, world: LookupWorld<P>) {
    this.#run = run
    this.#world = world
  }

  /**
   * Something happened
   */
  advance (fact: LookupFact<P>): void {
    for (const command of this.#run.advance(fact)) {
      this.#perform(command)
    }
  }

  #perform (command: LookupCommand<P>): void {
    switch (command.type) {
      case 'ask':
        this.#world.ask(command)
        break
      case 'abort':
        this.#world.abort(command.peer)
        break
      case 'setTimer':
        this.#setTimer(command.peer, command.atMs)
        break
      case 'clearTimer':
        this.#clearTimer(command.peer)
        break
      case 'finish':
        this.#clearTimer(undefined)
        this.#world.finish(command)
        break
      default:
        command satisfies never
    }
  }

  #setTimer (peer: P | undefined, atMs: number): void {
    const { now, schedule } = this.#world

    this.#timers.get(peer)?.()
    this.#timers.set(peer, schedule(atMs, () => {
      this.#timers.delete(peer)
      this.advance({ type: 'timerFired', now: now(), peer })
    }))
  }

  #clearTimer (peer: P | undefined): void {
    this.#timers.get(peer)?.()
    this.#timers.delete(peer)
  }
}
