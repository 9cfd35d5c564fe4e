import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { lookupPeerFacts } from '../../../../src/lookup/lookup-peer-facts.ts'
import { validateLookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import { PeerScores } from '../../../../src/routing-table/peer-scores.ts'
import { RequestOutcome } from '../../../../src/lookup/request-outcome.ts'
import { validateScoreParameters } from '../../../../src/parameters/score-parameters.ts'
import { EpsilonGreedySelector } from '../../../../src/selection/epsilon-greedy-selector.ts'
import { KadDHTBuckets } from '../kad-dht/kad-dht-buckets.ts'
import { randomKeyWithPrefix } from '../random-key-with-prefix.ts'
import { ScoredLookup, outcomeOf } from './scored-lookup.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { RequestLimits } from '../requests/connections.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { LookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { PeerScore } from '../../../../src/score/peer-score.ts'
import type { ScoreParametersInit } from '../../../../src/parameters/score-parameters.ts'

/** As in the live service: bounds of one request, kad-dht's, ms */
const TIMEOUTS = { minMs: 5_000, maxMs: 60_000 }

/** As in the live service: a lookup starts from this many times k known peers */
const START_PER_K = 2

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
  readonly scores: PeerScores<number>
  readonly table: ScoredRoutingTable<number>

  readonly #components: ClientComponents
  readonly #buckets: KadDHTBuckets
  readonly #lookupParameters: LookupParameters
  readonly #selector: EpsilonGreedySelector
  readonly #facts: Parameters<typeof lookupPeerFacts<number>>[1]
  readonly #status = new Map<number, { failsFast: boolean, triedAt: number | undefined }>()
  readonly #waiting = new Set<number>()
  readonly #refreshedAt = new Map<number, number>()
  readonly #warmStart: number[]
  #introducing = 0
  #running = true
  #lookups = 0
  #answerRate = 1

  constructor (components: ClientComponents, { parameters, epsilon, restored = [], warmStartDials = 20 }: ScoredClientInit = {}) {
    const { world: { population }, k, random, clock } = components
    const score = validateScoreParameters(parameters)

    this.#components = components
    this.#lookupParameters = validateLookupParameters({ k })
    this.#selector = new EpsilonGreedySelector({ epsilon, random })
    this.#buckets = new KadDHTBuckets(k, peer => population.kadId(peer))
    this.scores = new PeerScores({
      parameters: score,
      onChange: peer => { this.table.scoreChanged(peer) },
      onEvict: peer => {
        this.table.forget(peer)
        this.#status.delete(peer)
      },
      onOutcome: (peer, outcome) => { this.#remember(peer, outcome) }
    })
    this.table = new ScoredRoutingTable({ buckets: this.#buckets, scores: this.scores, k, localPeer: -1 })
    this.#facts = { scores: this.scores, unacceptableThreshold: score.unacceptableThreshold, timeouts: TIMEOUTS }

    for (const [peer, record] of restored) {
      this.scores.restore(peer, record)
      this.#status.set(peer, { failsFast: false, triedAt: undefined })
      this.table.remember({ peer, kadId: population.kadId(peer) })
    }

    this.#warmStart = this.scores.top(warmStartDials, clock.now)
      .filter(({ peer }) => this.scores.classOf(peer, clock.now) === 'good')
      .map(({ peer }) => peer)
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
    this.#running = false
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
        const outcome = this.#outcomeOf(peer)

        cancels.push(connections.ask(peer, limits(TIMEOUTS.minMs), {
          onEnd: end => {
            outcome.settle(end.type === 'answered'
              ? { type: 'stored', latencyMs: answered ? end.latencyMs : undefined, setupMs: end.setupMs, dialled: end.dialled }
              : outcomeOf(end), clock.now)

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
    const { clock, connections, tables, k } = this.#components
    const start = this.table.startCandidates(target, START_PER_K * k, clock.now).map(({ peer }) => this.#factsOf(peer, undefined))

    if (start.length === 0) {
      // nobody answered yet: those that everybody knows are all there is
      start.push(...this.#components.bootstrap.map(peer => this.#factsOf(peer, undefined)))
    }

    this.#lookups++

    const lookup = new ScoredLookup({
      target,
      parameters: this.#lookupParameters,
      selector: this.#selector,
      start,
      answerRate: this.#answerRate,
      endsEarly: onAnswer !== undefined,
      clock,
      connections,
      scores: this.scores,
      named: peer => this.#hear(tables.named(peer, target, k)),
      factsOf: (peer, referrer) => this.#factsOf(peer, referrer),
      onAnswer,
      onEnd: closest => {
        this.#lookupEnded()
        this.#answerRate = lookup.answerRate
        this.#refreshedAt.set(commonPrefixLength(this.#components.kadId, target), clock.now)
        done(closest)
      }
    })

    lookup.start()

    return {
      get queries () { return lookup.queries },
      cancel: () => {
        lookup.cancel()
        this.#lookupEnded()
      }
    }
  }

  /** Peers were named: those who may belong in the table are remembered, to be pinged later */
  #hear (peers: number[]): number[] {
    const { world: { population }, clock, connections } = this.#components

    for (const peer of peers) {
      if (!connections.isOpen(peer)) {
        this.table.heardOf({ peer, kadId: population.kadId(peer) }, 'named', clock.now)
      }

      if (this.#waiting.size < MAX_WAITING && !this.#buckets.has(peer) && !this.scores.has(peer)) {
        this.#waiting.add(peer)
      }
    }

    return peers
  }

  #factsOf (peer: number, referrer: number | undefined): LookupPeer<number> {
    const { world: { population }, clock, connections } = this.#components
    const { failsFast, triedAt } = this.#status.get(peer) ?? { failsFast: false, triedAt: undefined }

    return lookupPeerFacts({ peer, kadId: population.kadId(peer), connected: connections.isOpen(peer), relayed: population.reach(peer) === 'relayed', failsFast, triedAt, referrer }, this.#facts, clock.now)
  }

  /** What becomes of a request that is made now and belongs to no lookup */
  #outcomeOf (peer: number): RequestOutcome<number> {
    return new RequestOutcome({ peer, referrer: undefined, startedAt: this.#components.clock.now, scores: this.scores })
  }

  /** What the live service does after each outcome */
  #remember (peer: number, outcome: Outcome): void {
    const { world: { population }, clock } = this.#components
    const entry = { peer, kadId: population.kadId(peer) }

    this.#status.set(peer, {
      triedAt: clock.now,
      failsFast: outcome.type === 'dialFailed' && outcome.class === 'refused'
    })

    if (this.scores.has(peer)) {
      this.table.remember(entry)
    }

    if (outcome.type === 'responded' || outcome.type === 'stored') {
      if (!this.#buckets.add(peer)) {
        this.#knock(peer)
      }

      this.table.heardOf(entry, 'answered', clock.now)
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
    const outcome = this.#outcomeOf(peer)

    connections.ask(peer, limits(TIMEOUTS.minMs), {
      onEnd: end => {
        outcome.settle(outcomeOf(end), clock.now)
        done(end.type === 'answered')
      }
    })
  }

  #lookupEnded (): void {
    if (--this.#lookups === 0) {
      this.#introduce()
    }
  }

  /** Named peers are pinged a few at a time, while no lookup runs, and enter the table when they answer */
  #introduce (): void {
    const { k } = this.#components

    while (this.#running && this.#introducing < INTRODUCTIONS_AT_ONCE && this.#waiting.size > 0 && this.#lookups === 0) {
      const [peer] = this.#waiting
      this.#waiting.delete(peer)

      // whom a lookup asked meanwhile is known for what it is
      if (this.scores.has(peer) || this.#buckets.bucketOf(peer).length >= k) {
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
      if (!this.#running) {
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
