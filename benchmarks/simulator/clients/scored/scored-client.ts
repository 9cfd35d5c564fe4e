import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { Lookups } from '../../../../src/lookup/lookups.ts'
import { PeerRequest } from '../../../../src/lookup/peer-request.ts'
import { validateLookupParameters } from '../../../../src/parameters/lookup-parameters.ts'
import { validateUpkeepParameters } from '../../../../src/parameters/upkeep-parameters.ts'
import { ScoredRoutingTable } from '../../../../src/routing-table/scored-routing-table.ts'
import { requestTimeouts } from '../../../../src/parameters/request-timeouts.ts'
import { EpsilonGreedySelector } from '../../../../src/selection/epsilon-greedy-selector.ts'
import { pingNeed } from '../../../../src/upkeep/ping-need.ts'
import { Upkeep } from '../../../../src/upkeep/upkeep.ts'
import { KadDHTAdmission } from '../kad-dht/kad-dht-admission.ts'
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
  readonly #admission: KadDHTAdmission
  readonly #lookups: Lookups<number>
  readonly #upkeepParameters: UpkeepParameters
  readonly #upkeep: Upkeep<number>
  /** Whom to tell how the pings end that are under way */
  readonly #pinging = new Map<number, Array<(answered: boolean) => void>>()

  constructor (components: ClientComponents, { parameters, epsilon, restored = [], upkeep }: ScoredClientInit = {}) {
    const { world: { population }, k, random, clock } = components

    this.#components = components
    this.#buckets = new KadDHTBuckets(k, peer => population.kadId(peer))
    this.#admission = new KadDHTAdmission({
      clock,
      buckets: this.#buckets,
      whomToPing: (bucket, old) => this.#advance({ type: 'bucketFull', bucket, old }).flatMap(command => command.type === 'verify' ? command.peers : []),
      ping: (peer, kind, done) => { this.#ping(peer, kind === 'old', done) }
    })
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

    this.#upkeepParameters = validateUpkeepParameters({ keepAlivePeers: 0, ...upkeep })
    this.#upkeep = new Upkeep({
      parameters: this.#upkeepParameters,
      table: this.table,
      isInBuckets: ({ peer }) => this.#buckets.has(peer),
      deepestPrefix: () => Math.max(0, ...Array.from(this.#buckets.entries(), entry => commonPrefixLength(components.kadId, entry.kadId))),
      isConnected: peer => components.connections.isOpen(peer),
      maxConnections: () => components.connections.max
    })
  }

  start (): void {
    this.#advance({ type: 'started' })
    this.#advance({ type: 'ready' })
    this.#components.bootstrap.forEach(peer => { this.#ping(peer, true, () => {}) })
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
      onEnd: answered => { this.#advance({ type: 'lookupEnded', prefixLength: answered ? commonPrefixLength(kadId, target) : undefined }) }
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
    const { world: { population }, connections, tables, k } = this.#components
    const peers = tables.named(referrer, target, k)

    for (const peer of peers) {
      this.#advance({ type: 'named', entry: { peer, kadId: population.kadId(peer) }, connected: connections.isOpen(peer) })
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
    if (outcome.type === 'responded' || outcome.type === 'stored') {
      this.#admission.answered(peer)
    }
  }

  /** Who pings a peer that is being pinged is told the same */
  #ping (peer: number, isInsisted: boolean, done: (answered: boolean) => void): void {
    const { clock, connections } = this.#components
    const { scores } = this.table
    const others = this.#pinging.get(peer)
    const facts = { score: scores.get(peer), peerClass: scores.classOf(peer, clock.now), connected: connections.isOpen(peer), isInsisted }
    const need = pingNeed(facts, this.#upkeepParameters, clock.now)

    if (others !== undefined) {
      others.push(done)
    } else if (need === 'needed') {
      const told = [done]
      const request = this.#requestOf(peer)

      this.#pinging.set(peer, told)
      connections.ask(peer, limits(Math.floor(this.#upkeepParameters.pingTimeoutShare * TIMEOUTS.minMs)), {
        onEnd: end => {
          this.#pinging.delete(peer)
          request.advance({ type: 'settled', now: clock.now, outcome: outcomeOf(end) })
          this.#pinged(peer, end.type === 'answered', told)
        }
      })
    } else {
      this.#pinged(peer, need === 'answered', [done])
    }
  }

  #pinged (peer: number, answered: boolean, told: Array<(answered: boolean) => void>): void {
    if (answered) {
      this.#buckets.pinged(peer, this.#components.clock.now)
    }

    told.forEach(done => { done(answered) })
  }

  /** Something happened: do by oneself what follows from it */
  #advance (fact: Fact): Array<UpkeepCommand<number>> {
    const commands = this.#upkeep.advance({ ...fact, now: this.#components.clock.now })
    commands.forEach(command => { this.#perform(command) })

    return commands
  }

  #perform (command: UpkeepCommand<number>): void {
    const { clock } = this.#components

    switch (command.type) {
      case 'introduce':
        this.#admission.introduce(command.peer, () => { this.#advance({ type: 'introduced', peer: command.peer }) })
        break
      case 'dial':
        this.#ping(command.peer, false, () => { this.#advance({ type: 'dialled', peer: command.peer }) })
        break
      case 'lookUp':
        this.#lookUp(command)
        break
      case 'setTimer':
        clock.scheduleAt(command.atMs, () => { this.#advance({ type: 'timerFired', timer: command.timer }) })
        break
      case 'verify':
        // it is the answer to `bucketFull`
        break
      case 'admit':
        // every connection is of a request, whose answer takes the peer in
        break
      case 'keepAlive':
      case 'letGo':
      case 'save':
        // connections close by their last use only, and a restart finds the scores as they are
        break
      default:
        command satisfies never
    }
  }

  #lookUp (command: UpkeepCommand<number> & { type: 'lookUp' }): void {
    const { clock, kadId, random } = this.#components
    const { reason } = command
    const ended = (): void => { this.#advance({ type: 'lookedUp', reason }) }

    if (reason === 'refresh') {
      this.#lookup(randomKeyWithPrefix(kadId, command.prefixLength, random), ended)
      return
    }

    const cancelTimeout = clock.schedule(command.timeoutMs, () => {
      search.cancel()
      ended()
    })
    const search = this.#lookup(kadId.map(() => Math.floor(random() * 256)), () => {
      cancelTimeout()
      ended()
    })
  }
}

function limits (totalMs: number): RequestLimits {
  return { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs }
}
