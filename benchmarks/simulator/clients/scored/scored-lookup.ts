import type { LookupCommand, LookupFact, LookupRun } from '../../../../src/lookup/lookup-run.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { Clock } from '../../clock.ts'
import type { Connections, RequestEnd } from '../requests/connections.ts'

export interface ScoredLookupInit {
  run: LookupRun<number>
  clock: Clock
  connections: Connections
  /** Whom a peer names now, as a lookup has to know them */
  named: (peer: number) => Array<LookupPeer<number>>
  /** Told of each peer that answered, before the lookup is; returns whether that was all the operation wanted */
  onAnswer?: (peer: number) => boolean
  /** Called when the lookup has ended, unless it was cancelled */
  onFinish: (closest: number[]) => void
}

/**
 * One lookup in simulated time: turns what happens into facts, and commands into requests
 * and timers, as `LiveLookup` does over real streams
 */
export class ScoredLookup {
  readonly #init: ScoredLookupInit
  /** What gives up each request */
  readonly #requests = new Map<number, () => void>()
  /** What clears each timer; the lookup's own is that of nobody */
  readonly #timers = new Map<number | undefined, () => void>()

  constructor (init: ScoredLookupInit) {
    this.#init = init
  }

  start (): void {
    this.#advance({ type: 'started', now: this.#init.clock.now })
  }

  /** End it without a result */
  cancel (): void {
    this.#advance({ type: 'cancelled', now: this.#init.clock.now })
  }

  #advance (fact: LookupFact<number>): void {
    for (const command of this.#init.run.advance(fact)) {
      this.#perform(command)
    }
  }

  #perform (command: LookupCommand<number>): void {
    switch (command.type) {
      case 'ask':
        this.#ask(command)
        break
      case 'abort':
        this.#requests.get(command.peer)?.()
        this.#requests.delete(command.peer)
        break
      case 'setTimer':
        this.#setTimer(command.peer, command.atMs)
        break
      case 'clearTimer':
        this.#clearTimer(command.peer)
        break
      case 'finish':
        this.#clearTimer(undefined)

        if (command.reason !== 'cancelled') {
          this.#init.onFinish(command.closest)
        }

        break
      default:
        command satisfies never
    }
  }

  #setTimer (peer: number | undefined, atMs: number): void {
    const { clock } = this.#init

    this.#timers.get(peer)?.()
    this.#timers.set(peer, clock.schedule(Math.max(0, atMs - clock.now), () => {
      this.#timers.delete(peer)
      this.#advance({ type: 'timerFired', now: clock.now, peer })
    }))
  }

  #clearTimer (peer: number | undefined): void {
    this.#timers.get(peer)?.()
    this.#timers.delete(peer)
  }

  #ask ({ peer, query: { hardDeadlineMs } }: LookupCommand<number> & { type: 'ask' }): void {
    const { clock, connections } = this.#init
    const connected = connections.isOpen(peer)

    this.#requests.set(peer, connections.ask(peer, { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs: hardDeadlineMs }, {
      onFirstSign: () => { this.#advance({ type: 'signOfLife', peer, now: clock.now }) },
      onConnected: () => { this.#advance({ type: 'connected', peer, now: clock.now }) },
      onEnd: end => { this.#ended(peer, end) }
    }))
    this.#advance({ type: 'asked', peer, connected, now: clock.now })
  }

  #ended (peer: number, end: RequestEnd): void {
    const { clock: { now }, named, onAnswer } = this.#init

    this.#requests.delete(peer)
    this.#advance(end.type === 'timedOut'
      ? { type: 'timedOut', peer, now, afterMs: end.afterMs }
      : { type: 'settled', peer, now, outcome: outcomeOf(end) })

    if (end.type !== 'answered') {
      this.#advance({ type: 'failed', peer, now })
    } else if (onAnswer?.(peer) === true) {
      this.#advance({ type: 'satisfied', now })
    } else {
      this.#advance({ type: 'responded', peer, now, closer: named(peer) })
    }
  }
}

/** What the end of a request is worth, as `classifyFailure` and the observer have it on a live node */
export function outcomeOf (end: RequestEnd): Outcome {
  switch (end.type) {
    case 'answered':
      return { type: 'responded', latencyMs: end.latencyMs, setupMs: end.setupMs, dialled: end.dialled }
    case 'refused':
      return { type: 'dialFailed', class: 'refused' }
    case 'timedOut':
      return end.reached ? { type: 'timedOut', afterMs: end.afterMs } : { type: 'dialFailed', class: 'timeout' }
    default:
      return end satisfies never
  }
}
