import { LookupDriver } from '../../../../src/lookup/lookup-driver.ts'
import { outcomeOf } from '../requests/outcome-of.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { LookupRun } from '../../../../src/lookup/lookup-run.ts'
import type { ClientComponents } from '../client.ts'
import type { RequestEnd } from '../requests/connections.ts'

export interface ScoredLookupInit {
  run: LookupRun<number>
  /** The peers that a peer names now, in the form that a lookup takes */
  named: (peer: number) => Array<LookupPeer<number>>
  /** Called for each peer that answered, before the lookup learns of the answer. Returns true when the operation needs nothing more. */
  onAnswer?: (peer: number) => boolean
  /** Called when the lookup has ended, unless it was cancelled */
  onFinish: (closest: number[], isSatisfied: boolean) => void
}

/**
 * One lookup in simulated time. It does what a live node's lookup does over real streams.
 */
export class ScoredLookup {
  readonly driver: LookupDriver<number>

  readonly #components: Pick<ClientComponents, 'clock' | 'connections'>
  readonly #init: ScoredLookupInit
  /** For each peer that is being asked: a function that cancels the request */
  readonly #requests = new Map<number, () => void>()

  constructor (components: Pick<ClientComponents, 'clock' | 'connections'>, init: ScoredLookupInit) {
    const { clock } = this.#components = components
    this.#init = init
    this.driver = new LookupDriver(init.run, {
      now: () => clock.now,
      schedule: (atMs, happen) => clock.schedule(Math.max(0, atMs - clock.now), happen),
      ask: ({ peer, query }) => { this.#ask(peer, query.hardDeadlineMs) },
      abort: peer => { this.#requests.get(peer)?.() },
      finish: ({ reason, closest }) => { if (reason !== 'cancelled') { init.onFinish(closest, reason === 'satisfied') } }
    })
  }

  #ask (peer: number, totalMs: number): void {
    const { clock, connections } = this.#components
    const connected = connections.isOpen(peer)

    this.#requests.set(peer, connections.ask(peer, { totalMs }, {
      onFirstSign: () => { this.driver.advance({ type: 'signOfLife', peer, now: clock.now }) },
      onConnected: () => { this.driver.advance({ type: 'connected', peer, now: clock.now }) },
      onEnd: end => { this.#ended(peer, end, clock.now) }
    }))
    this.driver.advance({ type: 'asked', peer, connected, now: clock.now })
  }

  #ended (peer: number, end: RequestEnd, now: number): void {
    const { named, onAnswer } = this.#init

    this.#requests.delete(peer)
    this.driver.advance(end.type === 'timedOut' ? { type: 'timedOut', peer, now, afterMs: end.afterMs } : { type: 'settled', peer, now, outcome: outcomeOf(end) })

    if (end.type !== 'answered') {
      this.driver.advance({ type: 'failed', peer, now })
    } else if (onAnswer?.(peer) === true) {
      this.driver.advance({ type: 'satisfied', now })
    } else {
      this.driver.advance({ type: 'responded', peer, now, closer: named(peer) })
    }
  }
}
