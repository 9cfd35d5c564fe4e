import { NetworkSize } from '../keyspace/network-size.ts'
import { compareDistance } from '../keyspace/xor-distance.ts'
import { BackgroundRequests } from './background-requests.ts'
import { LateAnswers } from '../liveness/late-answers.ts'
import { lookupPeerFacts } from './lookup-peer-facts.ts'
import { LookupRun } from './lookup-run.ts'
import { withinConnections } from './within-connections.ts'
import { NODE_LIMITS } from '../parameters/node-limits.ts'
import type { LookupPeer } from './candidate-list.ts'
import type { LookupEvent } from './lookup-event.ts'
import type { PeerStatus } from './lookup-peer-facts.ts'
import type { LookupAction, LookupInit } from './lookup.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { NetworkEstimate } from '../keyspace/network-size.ts'
import type { LookupParameters } from '../parameters/lookup-parameters.ts'
import type { RequestTimeouts } from '../parameters/request-timeouts.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'
import type { PeerSelector } from '../selection/peer-selector.ts'

export interface LookupsInit<P extends string | number> {
  table: ScoredRoutingTable<P>
  /** Chooses among the peers that could be asked next */
  selector: PeerSelector
  parameters: LookupParameters
  /** Bounds of the time that one request may take */
  timeouts: RequestTimeouts
  /** This node itself, which is never asked */
  self?: P
}

/**
 * One lookup
 */
export interface LookupTask<P extends string | number> {
  target: KadId
  /** The peers to begin with: those of `candidates` that can be dialled */
  start: Array<LookupPeer<P>>
  /** Whether one answer may be all that the operation needs */
  endsEarly: boolean
  /** How many connections the node may have; may be infinite */
  maxConnections: number
  /** An earlier lookup of the same search. Peers that were late in it are not asked again. */
  before?: LookupRun<P>
  /** Called once, when the lookup has ended, with whether anybody answered */
  onEnd: (answered: boolean) => void
  /** Called for every fact, with what the lookup decided. `init` is given with `started` only. */
  onStep?: (event: LookupEvent<P>, actions: Array<LookupAction<P>>, init?: Omit<LookupInit<P>, 'selector'>) => void
}

/**
 * A peer is near when it is at most so many times as far away as the k-th closest is likely to be.
 * With fewer, more of the closest are missed; with more, more peers are asked for nothing.
 */
const NEAR = 1.7

/**
 * Makes the lookups of a node, and keeps what they have in common
 */
export class Lookups<P extends string | number> {
  readonly #init: LookupsInit<P>
  readonly #background = new BackgroundRequests<P>()
  readonly #lateAnswers = new LateAnswers()
  readonly #networkSize: NetworkSize
  /** The share of strangers that answer, over all lookups */
  #answerRate = 1

  constructor (init: LookupsInit<P>) {
    this.#init = init
    this.#networkSize = new NetworkSize(init.parameters.k)
  }

  /**
   * Whether a lookup may begin at once, because at least k good peers are known
   */
  isReady (now: number): boolean {
    const { table, parameters } = this.#init

    return table.goodPeers(now) >= parameters.k
  }

  /**
   * Whether a search should look up once more, when there is somebody else to ask. That is
   * so when enough good peers were known at first, and none of them has answered.
   *
   * @param run - The first lookup of the search; undefined where there was nobody to ask
   * @param wasReady - What `isReady` said before the first lookup
   */
  isWorthAgain (run: LookupRun<P> | undefined, wasReady: boolean): boolean {
    return wasReady && (run === undefined || run.closest.length === 0)
  }

  /** How many known peers a lookup begins with */
  get startCount (): number {
    return NODE_LIMITS.startPerK * this.#init.parameters.k
  }

  /**
   * The known peers that a lookup may begin with. Whether they can be dialled is still to be checked.
   */
  candidates (target: KadId, now: number): Array<KBucketEntry<P>> {
    return [...this.#init.table.candidates(target, this.startCount, now), ...this.namedCandidates(target, now)]
  }

  /**
   * Those of them that we know from others only
   */
  namedCandidates (target: KadId, now: number): Array<KBucketEntry<P>> {
    return this.#init.table.namedCandidates(target, this.startCount, now)
  }

  /**
   * The connected peers that a lookup may ask for a hint: the k closest that are in the
   * buckets or remembered as good
   *
   * @param connected - All peers that this node is connected to, whatever they speak
   */
  hintCandidates (target: KadId, connected: Iterable<P>, now: number): Array<KBucketEntry<P>> {
    const { table, parameters: { k } } = this.#init
    const contacts = Array.from(connected, peer => table.contact(peer)).filter(contact => contact !== undefined)
    const hints: Array<KBucketEntry<P>> = []

    for (const contact of contacts.sort((a, b) => compareDistance(target, a.kadId, b.kadId))) {
      if (hints.length === k) {
        break
      }

      if (table.isReliable(contact.peer, now)) {
        hints.push(contact)
      }
    }

    return hints
  }

  /**
   * What a lookup needs to know of a peer
   */
  factsOf (status: PeerStatus<P>, now: number): LookupPeer<P> {
    return lookupPeerFacts(status, this.#init, now)
  }

  /**
   * Make a lookup
   *
   * @returns The lookup, which begins with the fact `started`; undefined when there is nobody to ask
   */
  lookup ({ target, start, endsEarly, maxConnections, before, onEnd, onStep }: LookupTask<P>, now: number): LookupRun<P> | undefined {
    const { table, selector, parameters } = this.#init
    const begin = before === undefined ? start : start.filter(({ peer }) => !before.isLate(peer))

    if (begin.length === 0) {
      return undefined
    }

    const init = { target, parameters: withinConnections(parameters, maxConnections), start: begin, self: this.#init.self, answerRate: this.#answerRate, nearLog2: this.#nearLog2(target, now), graces: this.#lateAnswers.graces(parameters.missedPeerMs), endsEarly }

    return new LookupRun({
      lookup: { ...init, selector },
      table,
      background: this.#background,
      lateAnswers: this.#lateAnswers,
      onEnd: (lookup, reason, now) => {
        this.#answerRate = lookup.answerRate

        if (reason === 'converged') {
          this.#networkSize.found(lookup.distances, now)
        }

        onEnd(lookup.closest.length > 0)
      },
      onStep: onStep === undefined ? undefined : (event, actions) => { onStep(event, actions, event.type === 'started' ? init : undefined) }
    })
  }

  /**
   * How many servers the network seems to have; undefined before enough lookups have ended
   */
  networkSize (now: number): NetworkEstimate | undefined {
    return this.#networkSize.estimate(now)
  }

  /** Peers at a distance of up to 2 to the power of this are likely among the k closest; undefined while nobody knows */
  #nearLog2 ({ length }: KadId, now: number): number | undefined {
    const size = this.networkSize(now)

    return size === undefined ? undefined : Math.log2(NEAR * this.#init.parameters.k / size.servers) + 8 * length
  }
}
