import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { Lookups } from '../../../../src/lookup/lookups.ts'
import { PeerRequest } from '../../../../src/lookup/peer-request.ts'
import { validateLookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import { requestTimeouts } from '../../../../src/parameters/request-timeouts.ts'
import { EpsilonGreedySelector } from '../../../../src/selection/epsilon-greedy-selector.ts'
import { KadDHTBuckets } from '../kad-dht/kad-dht-buckets.ts'
import { randomKeyWithPrefix } from '../random-key-with-prefix.ts'
import { ScoredLookup, outcomeOf } from './scored-lookup.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { RequestLimits } from '../requests/connections.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { LookupRun } from '../../../../src/lookup/lookup-run.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { PeerScore } from '../../../../src/score/peer-score.ts'
import type { ScoreParametersInit } from '../../../../src/parameters/score-parameters.ts'

const TIMEOUTS = requestTimeouts()

/** As in the live service: named peers that wait to be pinged, and how many are at a time */
const MAX_WAITING = 128
const INTRODUCTIONS_AT_ONCE = 4

/** As in the live service: the first refresh of the table, and the pause between two; kad-dht looks at 16 prefix lengths at most, ms */
const FIRST_REFRESH_MS = 60_000
const REFRESH_INTERVAL_MS = 600_000
const MAX_REFRESHED_PREFIX = 15

export interface ScoredClientInit {
  parameters?: ScoreParametersInit
  /** Share of choices that explore, 0 to 1 @default 0.2 */
  epsilon?: number
  /** What an earlier run of it had learned, the stalest first */
  restored?: Iterable<[number, Readonly<PeerScore>]>
  /** Best restored peers dialled at start @default 20 */
  warmStartDials?: number
}

/**
 * The library's own lookup, scores, selector and routing table, in simulated time
 */
export class ScoredClient implements Client {
  readonly table: ScoredRoutingTable<number>

  readonly #components: ClientComponents
  readonly #buckets: KadDHTBuckets
  readonly #lookups: Lookups<number>
  readonly #waiting = new Set<number>()
  readonly #refreshedAt = new Map<number, number>()
  readonly #warmStart: number[]
  #introducing = 0
  /** Lookups under way */
  #isStopped = false
  #running = 0

  constructor (components: ClientComponents, { parameters, epsilon, restored = [], warmStartDials = 20 }: ScoredClientInit = {}) {
    const { world: { population }, k, random, clock } = components

    this.#components = components
    this.#buckets = new KadDHTBuckets(k, peer => population.kadId(peer))
    this.table = new ScoredRoutingTable({
      buckets: this.#buckets,
      k,
      localPeer: -1,
      parameters,
      onOutcome: (peer, outcome) => { this.#counted(peer, outcome) }
    })
    this.#lookups = new Lookups({
      table: this.table,
      selector: new EpsilonGreedySelector({ epsilon, random }),
      parameters: validateLookupParameters({ k }),
      timeouts: TIMEOUTS
    })

    for (const [peer, record] of restored) {
      this.table.restore({ peer, kadId: population.kadId(peer) }, record)
    }

    this.#warmStart = this.table.best(warmStartDials, clock.now).map(({ peer }) => peer)
  }

  start (): void {
    const { bootstrap, clock } = this.#components

    for (const peer of [...this.#warmStart, ...bootstrap]) {
      this.#ping(peer, () => {})
    }

    clock.schedule(FIRST_REFRESH_MS, () => { this.#refresh() })
  }

  /** End what it does by itself; the scores stay as they are */
  stop (): void {
    this.#isStopped = true
  }

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    return this.#lookup(target, closest => { done({ closest }) })
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    let found = false

    return this.#lookup(target, () => { done(found) }, peer => {
      found ||= isHolder(peer)

      return found
    })
  }

  store (target: KadId, answered: boolean, done: (holders: number[]) => void): Operation {
    const { clock, connections } = this.#components
    const cancels: Array<() => void> = []
    let stores = 0
    const walk = this.#lookup(target, closest => {
      const holders: number[] = []
      let pending = closest.length

      stores = pending

      if (pending === 0) {
        done(holders)
      }

      for (const peer of closest) {
        const request = this.#requestOf(peer)

        cancels.push(connections.ask(peer, limits(TIMEOUTS.minMs), {
          onEnd: end => {
            request.advance({
              type: 'settled',
              now: clock.now,
              outcome: end.type === 'answered'
                ? { type: 'stored', latencyMs: answered ? end.latencyMs : undefined, setupMs: end.setupMs, dialled: end.dialled }
                : outcomeOf(end)
            })

            if (end.type === 'answered') {
              holders.push(peer)
            }

            if (--pending === 0) {
              done(holders)
            }
          }
        }, { answered, sendTrips: 1 }))
      }
    })

    return {
      get queries () { return walk.queries + stores },
      cancel: () => {
        walk.cancel()
        cancels.forEach(cancel => { cancel() })
      }
    }
  }

  #lookup (target: KadId, done: (closest: number[]) => void, onAnswer?: (peer: number) => boolean): Operation {
    const { clock, connections, kadId } = this.#components
    const run = this.#lookups.lookup({
      target,
      start: this.#start(target),
      endsEarly: onAnswer !== undefined,
      maxConnections: connections.max,
      onEnd: () => {
        this.#refreshedAt.set(commonPrefixLength(kadId, target), clock.now)
        this.#lookupEnded()
      }
    }) as LookupRun<number>
    const lookup = new ScoredLookup({ run, clock, connections, named: peer => this.#hear(peer, target, run), onAnswer, onFinish: done })

    this.#running++
    lookup.start()

    return {
      get queries () { return run.queries },
      cancel: () => { lookup.cancel() }
    }
  }

  #start (target: KadId): Array<LookupPeer<number>> {
    const { bootstrap, clock } = this.#components
    const known = this.#lookups.candidates(target, clock.now).map(({ peer }) => peer)

    // nobody answered yet: those that everybody knows are all there is
    return (known.length === 0 ? bootstrap : known).map(peer => this.#factsOf(peer, undefined))
  }

  /** Peers were named: those who may belong in the table are remembered, to be pinged later */
  #hear (referrer: number, target: KadId, run: LookupRun<number>): Array<LookupPeer<number>> {
    const { world: { population }, clock, connections, tables, k } = this.#components
    const peers = tables.named(referrer, target, k)

    for (const peer of peers) {
      if (!connections.isOpen(peer)) {
        this.table.heardOf({ peer, kadId: population.kadId(peer) }, 'named', clock.now)
      }

      if (this.#waiting.size < MAX_WAITING && !this.#buckets.has(peer) && !this.table.scores.has(peer)) {
        this.#waiting.add(peer)
      }
    }

    return peers.filter(peer => run.isNews(peer)).map(peer => this.#factsOf(peer, referrer))
  }

  #factsOf (peer: number, referrer: number | undefined): LookupPeer<number> {
    const { world: { population }, clock, connections } = this.#components

    return this.#lookups.factsOf({ peer, kadId: population.kadId(peer), connected: connections.isOpen(peer), relayed: population.reach(peer) === 'relayed', referrer }, clock.now)
  }

  /** A request that is made now and belongs to no lookup */
  #requestOf (peer: number): PeerRequest<number> {
    const { world: { population }, clock } = this.#components

    return new PeerRequest({ entry: { peer, kadId: population.kadId(peer) }, table: this.table, startedAt: clock.now })
  }

  #counted (peer: number, outcome: Outcome): void {
    if ((outcome.type === 'responded' || outcome.type === 'stored') && !this.#buckets.add(peer)) {
      this.#knock(peer)
    }
  }

  /** A bucket is full: the worst of its unacceptable peers leaves if it fails a ping */
  #knock (peer: number): void {
    const [worst] = this.table.evictionCandidates(this.#buckets.bucketOf(peer), 1, this.#components.clock.now)

    if (worst !== undefined) {
      this.#ping(worst, answered => {
        if (!answered) {
          this.#buckets.remove(worst)
          this.#buckets.add(peer)
        }
      })
    }
  }

  #ping (peer: number, done: (answered: boolean) => void): void {
    const { clock, connections } = this.#components
    const request = this.#requestOf(peer)

    connections.ask(peer, limits(TIMEOUTS.minMs), {
      onEnd: end => {
        request.advance({ type: 'settled', now: clock.now, outcome: outcomeOf(end) })
        done(end.type === 'answered')
      }
    })
  }

  #lookupEnded (): void {
    if (--this.#running === 0) {
      this.#introduce()
    }
  }

  /** Named peers are pinged a few at a time, while no lookup runs, and enter the table when they answer */
  #introduce (): void {
    const { k } = this.#components

    while (!this.#isStopped && this.#introducing < INTRODUCTIONS_AT_ONCE && this.#waiting.size > 0 && this.#running === 0) {
      const [peer] = this.#waiting
      this.#waiting.delete(peer)

      // whom a lookup asked meanwhile is known for what it is
      if (this.table.scores.has(peer) || this.#buckets.bucketOf(peer).length >= k) {
        continue
      }

      this.#introducing++
      this.#ping(peer, () => {
        this.#introducing--
        this.#introduce()
      })
    }
  }

  /** One common prefix length after another, those left out that a lookup refreshed */
  #refresh (): void {
    const { clock, kadId, random, world: { population } } = this.#components
    let deepest = 0

    for (const { peer } of this.#buckets.entries()) {
      deepest = Math.max(deepest, commonPrefixLength(kadId, population.kadId(peer)))
    }

    const next = (length: number): void => {
      if (this.#isStopped) {
        return
      }

      if (length > Math.min(deepest, MAX_REFRESHED_PREFIX)) {
        clock.schedule(REFRESH_INTERVAL_MS, () => { this.#refresh() })
      } else if (clock.now - (this.#refreshedAt.get(length) ?? -Infinity) < REFRESH_INTERVAL_MS) {
        next(length + 1)
      } else {
        this.#lookup(randomKeyWithPrefix(kadId, length, random), () => { next(length + 1) })
      }
    }

    next(0)
  }
}

function limits (totalMs: number): RequestLimits {
  return { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs }
}
