import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { Lookups } from '../../../../src/lookup/lookups.ts'
import { validateLookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import { NODE_LIMITS } from '../../../../src/parameters/node-limits.ts'
import { validatePublishParameters } from '../../../../src/parameters/publish-parameters.ts'
import { requestTimeouts } from '../../../../src/parameters/request-timeouts.ts'
import { validateUpkeepParameters } from '../../../../src/parameters/upkeep-parameters.ts'
import { PutDriver } from '../../../../src/publish/put-driver.ts'
import { Put } from '../../../../src/publish/put.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import { isAnswer } from '../../../../src/score/outcome-kinds.ts'
import { EpsilonGreedySelector } from '../../../../src/selection/epsilon-greedy-selector.ts'
import { pingNeed } from '../../../../src/upkeep/ping-need.ts'
import { pingTimeoutMs } from '../../../../src/upkeep/ping-timeout-ms.ts'
import { UpkeepDriver } from '../../../../src/upkeep/upkeep-driver.ts'
import { Upkeep } from '../../../../src/upkeep/upkeep.ts'
import { KadDHTAdmission } from '../kad-dht/kad-dht-admission.ts'
import { KadDHTBuckets } from '../kad-dht/kad-dht-buckets.ts'
import { randomKeyWithPrefix } from '../random-key-with-prefix.ts'
import { RunningOperation } from '../requests/running-operation.ts'
import { SingleRequests } from '../requests/single-requests.ts'
import { ScoredLookup } from './scored-lookup.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'
import type { LookupPeer } from '../../../../src/lookup/candidate-list.ts'
import type { LookupRun } from '../../../../src/lookup/lookup-run.ts'
import type { ScoreParametersInit } from '../../../../src/parameters/score-parameters.ts'
import type { PutFact } from '../../../../src/publish/put.ts'
import type { KeptPeers } from '../kept-peers.ts'
import type { Client, ClientComponents, OnReturn, OnSettled, OnStored, Operation, WalkResult } from '../client.ts'

export interface ScoredClientInit {
  parameters?: ScoreParametersInit
  /** Share of the choices that explore, 0 to 1 @default 0.2 */
  epsilon?: number
  /** What an earlier run of this client has kept */
  kept?: KeptPeers
}

interface LookupOptions {
  /** Called for each peer that answered. Returns true when the operation needs nothing more. */
  onAnswer?: (peer: number) => boolean
  endsEarly?: boolean
  before?: LookupRun<number>
}

/**
 * The library's own node in simulated time: its table, lookups and upkeep, with the
 * simulation's clock, connections and network
 */
export class ScoredClient implements Client {
  readonly buckets: KadDHTBuckets
  readonly table: ScoredRoutingTable<number>
  readonly lookups: Lookups<number>
  readonly upkeep: Upkeep<number>

  readonly #components: ClientComponents
  readonly #requests: SingleRequests
  readonly #admission: KadDHTAdmission
  readonly #driver: UpkeepDriver<number>

  constructor (components: ClientComponents, { parameters, epsilon, kept }: ScoredClientInit = {}) {
    const { world: { population }, clock, connections, kadId, k, random } = this.#components = components
    const timeouts = requestTimeouts()
    // the simulation keeps the connections that were used last, and knows no other reason to keep one
    const upkeepParameters = validateUpkeepParameters({ keepAlivePeers: 0 })
    const buckets = this.buckets = new KadDHTBuckets(k, peer => population.kadId(peer))
    const table = this.table = new ScoredRoutingTable({ buckets, k, localPeer: -1, parameters, onOutcome: (peer, outcome) => { if (isAnswer(outcome)) { this.#admission.answered(peer) } } })
    this.lookups = new Lookups({ table, selector: new EpsilonGreedySelector({ epsilon, random }), parameters: validateLookupParameters({ k }), timeouts, self: -1 })
    this.upkeep = new Upkeep({
      parameters: upkeepParameters,
      table,
      isInBuckets: ({ peer }) => buckets.has(peer),
      deepestPrefix: () => Math.max(0, ...Array.from(buckets.entries(), entry => commonPrefixLength(kadId, entry.kadId))),
      isConnected: peer => connections.isOpen(peer),
      maxConnections: () => connections.max
    })
    this.#requests = new SingleRequests(components, table, timeouts)
    this.#admission = new KadDHTAdmission({
      clock,
      buckets,
      whomToPing: (bucket, old) => this.#driver.bucketFull(bucket, old),
      pingNeed: (peer, isInsisted) => pingNeed({ score: table.scores.get(peer), peerClass: table.scores.classOf(peer, clock.now), connected: connections.isOpen(peer), isInsisted }, upkeepParameters, clock.now),
      ping: (peer, onEnd) => { this.#requests.ping(peer, pingTimeoutMs(upkeepParameters, [timeouts]), onEnd) }
    })
    this.#driver = new UpkeepDriver(this.upkeep, {
      now: () => clock.now,
      schedule: (atMs, happen) => clock.schedule(Math.max(0, atMs - clock.now), happen),
      introduce: (peer, done) => { this.#admission.introduce(peer, done) },
      // each connection is made for a request, and its answer already brings the peer into the table
      admit: () => {},
      dial: (peer, done) => { this.#admission.ping(peer, done) },
      verify: (peer, done) => { this.#admission.ping(peer, done, true) },
      refresh: (prefixLength, done) => { this.#lookup(randomKeyWithPrefix(kadId, prefixLength, random), done) },
      search: done => this.#lookup(kadId.map(() => Math.floor(random() * 256)), done).cancel,
      keepAlive: () => {},
      save: () => {}
    })

    kept?.restore(table)
  }

  start (): void {
    this.#driver.tell({ type: 'started' })
    this.#driver.tell({ type: 'ready' })
    this.#components.bootstrap.forEach(peer => { this.#admission.ping(peer, () => {}, true) })
  }

  /** Stop everything that the node does by itself. The scores stay as they are. */
  stop (): void {
    this.#driver.tell({ type: 'stopped' })
  }

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    return this.#lookup(target, closest => { done({ closest }) })
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    let found = false

    return this.#lookup(target, () => { done(found) }, { onAnswer: peer => (found ||= isHolder(peer)), endsEarly: true })
  }

  store (target: KadId, answered: boolean, done: OnReturn, onSettled?: OnSettled, onStored?: OnStored): Operation {
    const { world: { population }, clock, k } = this.#components
    const stores = new RunningOperation()
    const put = new Put<number>({ target, k, ...validatePublishParameters({}, k), size: this.lookups.networkSize(clock.now) })
    const driver = new PutDriver(put, {
      store: peer => {
        stores.queries++
        stores.started(this.#requests.store(peer, answered, stored => { advance({ type: stored ? 'stored' : 'failed', peer }) }))
      },
      onReturn: ({ holders, goesOn }) => { done(holders, { goesOn }) },
      onFinish: ({ holders }) => { onSettled?.(holders) }
    })
    const advance = (fact: PutFact<number>): void => {
      if (fact.type === 'stored' || (fact.type === 'answered' && fact.hasRecord)) {
        onStored?.(fact.peer)
      }

      driver.advance(fact)
    }
    const onAnswer = (peer: number): boolean => {
      const kadId = population.kadId(peer)
      // a provider record is sent ahead of the question, on the same stream
      const hasRecord = !answered && put.isNear(kadId)
      stores.queries += hasRecord ? 1 : 0
      advance({ type: 'answered', peer, kadId, hasRecord })

      return false
    }
    const walk = this.#lookup(target, () => { advance({ type: 'walked' }) }, { onAnswer })

    stores.started(() => { walk.cancel() })

    return { get queries () { return walk.queries + stores.queries }, cancel: () => { stores.cancel() } }
  }

  /** Send many records to a peer, and learn by one question whether it has read them */
  storeMany (...[peer, handlers]: Parameters<SingleRequests['storeMany']>): void {
    this.#requests.storeMany(peer, handlers)
  }

  #lookup (target: KadId, done: (closest: number[]) => void, { onAnswer, endsEarly = false, before }: LookupOptions = {}): Operation {
    const { clock, connections, kadId } = this.#components
    const isReady = before === undefined && this.lookups.isReady(clock.now)
    const onEnd = (answered: boolean): void => { this.#driver.tell({ type: 'lookupEnded', prefixLength: answered ? commonPrefixLength(kadId, target) : undefined }) }
    const run = this.lookups.lookup({ target, start: this.#start(target), endsEarly, maxConnections: connections.max, before, onEnd }, clock.now)
    let again: Operation | undefined

    if (run === undefined) {
      clock.schedule(0, () => { done([]) })
      return new RunningOperation()
    }

    const onFinish = (closest: number[], isSatisfied: boolean): void => {
      if (!isSatisfied && this.lookups.isWorthAgain(run, isReady)) {
        again = this.#lookup(target, done, { onAnswer, endsEarly, before: run })
      } else {
        done(closest)
      }
    }
    const { driver } = new ScoredLookup(this.#components, { run, named: peer => this.#hear(peer, target, run), onAnswer, onFinish })
    const cancel = (): void => again === undefined ? driver.advance({ type: 'cancelled', now: clock.now }) : again.cancel()

    this.#driver.tell({ type: 'lookupBegan' })
    driver.advance({ type: 'started', now: clock.now })

    return { get queries () { return run.queries + (again?.queries ?? 0) }, cancel }
  }

  #start (target: KadId): Array<LookupPeer<number>> {
    const { clock: { now }, connections, bootstrap } = this.#components
    const known = [...this.lookups.candidates(target, now), ...this.lookups.hintCandidates(target, connections.open, now)].map(({ peer }) => peer)

    // when nobody has answered yet, only the bootstrap peers are known
    return (known.length === 0 ? bootstrap : known).map(peer => this.#factsOf(peer, undefined))
  }

  /** The peers that a peer names in its answer, as many as a live node reads */
  #hear (referrer: number, target: KadId, run: LookupRun<number>): Array<LookupPeer<number>> {
    const { world: { population }, connections, tables, k } = this.#components
    const peers = tables.named(referrer, target, k).slice(0, NODE_LIMITS.namedPerK * k)

    for (const peer of peers) {
      this.#driver.tell({ type: 'named', entry: { peer, kadId: population.kadId(peer) }, connected: connections.isOpen(peer) })
    }

    return peers.filter(peer => run.isNews(peer)).map(peer => this.#factsOf(peer, referrer))
  }

  #factsOf (peer: number, referrer: number | undefined): LookupPeer<number> {
    const { world: { population }, clock, connections } = this.#components

    return this.lookups.factsOf({ peer, kadId: population.kadId(peer), connected: connections.isOpen(peer), relayed: population.reach(peer) === 'relayed', referrer }, clock.now)
  }
}
