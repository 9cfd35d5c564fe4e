import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { Lookups } from '../../../../src/lookup/lookups.ts'
import { PeerRequest } from '../../../../src/lookup/peer-request.ts'
import { validateLookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import { validateUpkeepParameters } from '../../../../src/parameters/upkeep-parameters.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import { requestTimeouts } from '../../../../src/parameters/request-timeouts.ts'
import { EpsilonGreedySelector } from '../../../../src/selection/epsilon-greedy-selector.ts'
import { Upkeep } from '../../../../src/upkeep/upkeep.ts'
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
import type { UpkeepParameters } from '../../../../src/parameters/upkeep-parameters.ts'
import type { UpkeepCommand } from '../../../../src/upkeep/upkeep-command.ts'
import type { UpkeepFact } from '../../../../src/upkeep/upkeep-fact.ts'

const TIMEOUTS = requestTimeouts()

export interface ScoredClientInit {
  parameters?: ScoreParametersInit
  /** Share of choices that explore, 0 to 1 @default 0.2 */
  epsilon?: number
  /** What an earlier run of it had learned, the stalest first */
  restored?: Iterable<[number, Readonly<PeerScore>]>
  /** What it does by itself */
  upkeep?: Partial<UpkeepParameters>
}

type WithoutNow<T> = T extends unknown ? Omit<T, 'now'> : never
type Fact = WithoutNow<UpkeepFact<number>>

/**
 * The library's own lookup, scores, selector and routing table, in simulated time
 */
export class ScoredClient implements Client {
  readonly table: ScoredRoutingTable<number>

  readonly #components: ClientComponents
  readonly #buckets: KadDHTBuckets
  readonly #lookups: Lookups<number>
  readonly #upkeep: Upkeep<number>

  constructor (components: ClientComponents, { parameters, epsilon, restored = [], upkeep }: ScoredClientInit = {}) {
    const { world: { population }, k, random } = components

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

    this.#upkeep = new Upkeep({
      parameters: validateUpkeepParameters({ keepAlivePeers: 0, warmStartDialsAtOnce: 1000, ...upkeep }),
      table: {
        scores: this.table.scores,
        best: (n, now) => this.table.best(n, now),
        heardOf: (entry, how, now) => {
          if (!components.connections.isOpen(entry.peer)) {
            this.table.heardOf(entry, how, now)
          }
        },
        needsGoodPeers: now => this.table.needsGoodPeers(now),
        evictionCandidates: (peers, n, now) => this.table.evictionCandidates(peers, n, now)
      },
      hasRoomFor: peer => this.#buckets.bucketOf(peer).length < k,
      isInBuckets: ({ peer }) => this.#buckets.has(peer),
      deepestPrefix: () => Math.max(0, ...Array.from(this.#buckets.entries(), entry => commonPrefixLength(components.kadId, entry.kadId))),
      isConnected: peer => components.connections.isOpen(peer),
      maxConnections: () => components.connections.max
    })
  }

  start (): void {
    this.#advance({ type: 'started' })
    this.#advance({ type: 'ready' })
    this.#components.bootstrap.forEach(peer => { this.#ping(peer, () => {}) })
  }

  /** End what it does by itself; the scores stay as they are */
  stop (): void {
    this.#advance({ type: 'stopped' })
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
        this.#advance({ type: 'lookupEnded', prefixLength: commonPrefixLength(kadId, target) })
      }
    }) as LookupRun<number>
    const lookup = new ScoredLookup({ run, clock, connections, named: peer => this.#hear(peer, target, run), onAnswer, onFinish: done })

    this.#advance({ type: 'lookupBegan' })
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

  /** Peers were named */
  #hear (referrer: number, target: KadId, run: LookupRun<number>): Array<LookupPeer<number>> {
    const { world: { population }, tables, k } = this.#components
    const peers = tables.named(referrer, target, k)

    for (const peer of peers) {
      this.#advance({ type: 'named', entry: { peer, kadId: population.kadId(peer) }, connected: false })
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

  /** Something happened: do by oneself what follows from it */
  #advance (fact: Fact): void {
    for (const command of this.#upkeep.advance({ ...fact, now: this.#components.clock.now })) {
      this.#perform(command)
    }
  }

  #perform (command: UpkeepCommand<number>): void {
    const { clock, kadId, random } = this.#components

    switch (command.type) {
      case 'introduce':
        this.#ping(command.peer, () => { this.#advance({ type: 'introduced', peer: command.peer }) })
        break
      case 'dial':
        this.#ping(command.peer, () => { this.#advance({ type: 'dialled', peer: command.peer }) })
        break
      case 'lookUp':
        if (command.reason === 'refresh') {
          this.#lookup(randomKeyWithPrefix(kadId, command.prefixLength, random), () => { this.#advance({ type: 'lookedUp', reason: command.reason }) })
        }

        break
      case 'setTimer':
        if (command.timer === 'refresh') {
          clock.scheduleAt(command.atMs, () => { this.#advance({ type: 'timerFired', timer: command.timer }) })
        }

        break
      case 'verify':
      case 'admit':
      case 'keepAlive':
      case 'letGo':
      case 'save':
        break
      default:
        command satisfies never
    }
  }
}

function limits (totalMs: number): RequestLimits {
  return { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs }
}
