import type { LookupCommand, LookupFact, LookupRun } from './lookup-run.ts'

/** What carries commands out: streams and timers, or the simulation's */
export interface LookupWorld<P extends string | number> {
  now: () => number

  /**
   * Have something happen at a time, ms, or at once when that is over
   *
   * @returns Cancels it
   */
  schedule: (atMs: number, happen: () => void) => () => void

  ask: (command: LookupCommand<P> & { type: 'ask' }) => void
  /** Give the request to a peer up */
  abort: (peer: P) => void
  finish: (command: LookupCommand<P> & { type: 'finish' }) => void
}

/**
 * Drives one lookup in either world: takes facts in, keeps its timers, and has the other
 * commands carried out.
 */
export class LookupDriver<P extends string | number> {
  readonly #run: LookupRun<P>
  readonly #world: LookupWorld<P>
  /** What clears each timer; the lookup's own is that of nobody */
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
