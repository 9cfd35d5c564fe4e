import { evictionPings } from './eviction-pings.ts'
import { GoodPeerSearch } from './good-peer-search.ts'
import { Introductions } from './introductions.ts'
import { KeptPeers } from './kept-peers.ts'
import { RefreshSchedule } from './refresh-schedule.ts'
import { Verification } from './verification.ts'
import { WarmStart } from './warm-start.ts'
import type { RefreshStep } from './refresh-schedule.ts'
import type { UpkeepCommand } from './upkeep-command.ts'
import type { UpkeepFact, UpkeepTimer } from './upkeep-fact.ts'
import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

export interface UpkeepInit<P extends string | number> {
  parameters: UpkeepParameters
  table: Pick<ScoredRoutingTable<P>, 'heardOf' | 'best' | 'needsGoodPeers' | 'evictionCandidates' | 'leastCertain' | 'longestUnasked'> & { scores: Pick<ScoredRoutingTable<P>['scores'], 'has'> }
  isInBuckets: (entry: KBucketEntry<P>) => boolean
  /** The longest common prefix that any peer in the k-buckets has with us, bits; 0 while the buckets are empty */
  deepestPrefix: () => number
  isConnected: (peer: P) => boolean
  /** The limit of the connection manager */
  maxConnections: () => number
}

/**
 * Decides what a node does by itself, between its user's operations. Facts go in, and
 * commands come out. The upkeep reads the scores and the routing table. It changes only one
 * thing there: it tells the table of peers that were named to us.
 */
export class Upkeep<P extends string | number> {
  readonly #init: UpkeepInit<P>
  readonly #introductions: Introductions<P>
  readonly #warmStart: WarmStart<P>
  readonly #refresh: RefreshSchedule
  readonly #search: GoodPeerSearch
  readonly #kept: KeptPeers<P>
  readonly #verification: Verification<P>
  /** In the state `idle` only peers that connect are taken in */
  #state: 'idle' | 'running' | 'stopped' = 'idle'

  constructor (init: UpkeepInit<P>) {
    const { parameters, table, isConnected } = this.#init = init
    this.#introductions = new Introductions({ parameters, hasScore: peer => table.scores.has(peer) })
    this.#warmStart = new WarmStart(parameters)
    this.#refresh = new RefreshSchedule(parameters)
    this.#search = new GoodPeerSearch(parameters)
    this.#kept = new KeptPeers(parameters)
    this.#verification = new Verification({ parameters, table, isConnected })
  }

  /** Take in a fact. Returns the commands that follow from it, to be carried out in this order. */
  advance (fact: UpkeepFact<P>): Array<UpkeepCommand<P>> {
    const { now } = fact

    switch (fact.type) {
      case 'started':
        return this.#start(now)
      case 'ready':
        return this.#state === 'running' ? toDial(this.#warmStart.begin(this.#best(this.#init.parameters.warmStartDials, now))) : []
      case 'stopped':
        return this.#stop()
      case 'named':
        return this.#named(fact.entry, fact.connected, now)
      case 'left':
        this.#introductions.left(fact.peer)
        return []
      case 'lookupBegan':
        this.#introductions.lookupBegan()
        return []
      case 'lookupEnded':
        if (fact.prefixLength !== undefined) {
          this.#refresh.refreshed(fact.prefixLength, now)
        }

        return toIntroduce(this.#introductions.lookupEnded())
      case 'introduced':
        return toIntroduce(this.#introductions.ended(fact.peer))
      case 'verified':
        this.#verification.ended(fact.peer)
        return []
      case 'dialled':
        return toDial(this.#warmStart.ended(fact.peer))
      case 'lookedUp':
        return this.#lookedUp(fact.reason, now)
      case 'bucketFull':
        return [{ type: 'makeRoom', peers: evictionPings(this.#init.table, fact.bucket, fact.old, now) }]
      case 'refreshAsked':
        return this.#beginRefresh(fact.force, now)
      case 'refreshCancelled':
        this.#refresh.cancel()
        return []
      case 'timerFired':
        return this.#timerFired(fact.timer, now)
      default:
        return fact satisfies never
    }
  }

  #start (now: number): Array<UpkeepCommand<P>> {
    this.#state = 'running'
    this.#search.start(now)

    return [
      { type: 'setTimer', timer: 'refresh', atMs: this.#refresh.firstAt(now) },
      { type: 'setTimer', timer: 'round', atMs: now + this.#init.parameters.roundMs }
    ]
  }

  #stop (): Array<UpkeepCommand<P>> {
    this.#state = 'stopped'
    this.#introductions.stop()
    this.#warmStart.stop()
    this.#refresh.stop()
    this.#search.stop()
    this.#verification.stop()

    return toLetGo(this.#kept.stop())
  }

  #named (entry: KBucketEntry<P>, connected: boolean, now: number): Array<UpkeepCommand<P>> {
    const { table, isInBuckets } = this.#init

    if (connected) {
      return [{ type: 'admit', peer: entry.peer }]
    }

    table.heardOf(entry, 'named', now)

    return this.#state === 'stopped' || isInBuckets(entry) ? [] : toIntroduce(this.#introductions.named(entry.peer))
  }

  #timerFired (timer: UpkeepTimer, now: number): Array<UpkeepCommand<P>> {
    switch (timer) {
      case 'refresh':
        // one that was asked for is under way, and sets the timer anew at its end
        return this.#refresh.isRunning ? [] : this.#beginRefresh(false, now)
      case 'round':
        return this.#state === 'running' ? this.#round(now) : []
      default:
        return timer satisfies never
    }
  }

  #round (now: number): Array<UpkeepCommand<P>> {
    const { parameters, table, isConnected, maxConnections } = this.#init
    const { keepAlivePeers, keepAliveCandidates, keepAliveTagMs, searchTimeoutMs, roundMs } = parameters
    const connected = keepAlivePeers === 0 ? [] : this.#best(keepAliveCandidates, now).filter(isConnected)
    const { tag, untag } = this.#kept.choose(connected, maxConnections(), now)
    const commands: Array<UpkeepCommand<P>> = [
      ...tag.map(peer => ({ type: 'keepAlive' as const, peer, forMs: keepAliveTagMs })),
      ...toLetGo(untag),
      { type: 'save' }
    ]

    // as with introductions: the dials of a lookup come first
    if (!this.#introductions.isLookingUp) {
      commands.push(...this.#verification.round(now).map(peer => ({ type: 'verify' as const, peer })))
    }

    if (this.#search.round(table.needsGoodPeers(now), now)) {
      commands.push({ type: 'lookUp', reason: 'search', timeoutMs: searchTimeoutMs })
    }

    return [...commands, { type: 'setTimer', timer: 'round', atMs: now + roundMs }]
  }

  #beginRefresh (force: boolean, now: number): Array<UpkeepCommand<P>> {
    return this.#state === 'running' ? toRefresh(this.#refresh.begin(this.#init.deepestPrefix(), force, now)) : []
  }

  #lookedUp (reason: 'refresh' | 'search', now: number): Array<UpkeepCommand<P>> {
    switch (reason) {
      case 'refresh':
        return this.#state === 'running' ? toRefresh(this.#refresh.lookedUp(now)) : []
      case 'search':
        this.#search.ended()
        return []
      default:
        return reason satisfies never
    }
  }

  #best (count: number, now: number): P[] {
    return this.#init.table.best(count, now).map(({ peer }) => peer)
  }
}

function toIntroduce<P> (peers: P[]): Array<UpkeepCommand<P>> {
  return peers.map(peer => ({ type: 'introduce', peer }))
}

function toDial<P> (peers: P[]): Array<UpkeepCommand<P>> {
  return peers.map(peer => ({ type: 'dial', peer }))
}

function toLetGo<P> (peers: P[]): Array<UpkeepCommand<P>> {
  return peers.map(peer => ({ type: 'letGo', peer }))
}

function toRefresh<P> (step: RefreshStep): Array<UpkeepCommand<P>> {
  switch (step.type) {
    case 'lookUp':
      return [{ type: 'lookUp', reason: 'refresh', prefixLength: step.prefixLength }]
    case 'wait':
      return []
    case 'rest':
      return [{ type: 'refreshEnded' }, { type: 'setTimer', timer: 'refresh', atMs: step.untilMs }]
    default:
      return step satisfies never
  }
}
