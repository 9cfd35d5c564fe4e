import { commonPrefixLength } from '../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EventQueue } from './event-queue.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupParameters } from '../../src/parameters/lookup-parameters.ts'
import type { LookupAction, LookupEvent } from '../../src/lookup/lookup.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'

/** TCP, noise, yamux and the stream's protocol take about a round trip each */
const DIAL_ROUND_TRIPS = 4

const MEDIAN_RTT_MS = 100
const HARD_DEADLINE_MS = 10_000

/** What a client assumes of a peer it never met: the mean and mean + 4 deviations of log-normal round trips */
const STRANGER_RTT_MS = 113
const STRANGER_SLOWEST_RTT_MS = 290

/**
 * `mute` connects and never answers; `slow` answers after 2 to 4 s; `lies`
 * answers at once and names only others like itself.
 */
export type PeerMode = 'lives' | 'silent' | 'refuses' | 'mute' | 'slow' | 'lies'

export interface SimulatedPeer {
  peer: number
  kadId: KadId
  mode: PeerMode
  rttMs: number
  /** The peers in its routing table */
  table: SimulatedPeer[]
}

/**
 * What a client keeps of the peers from one lookup to the next: whom it is
 * connected to and how its last request to each of them ended.
 */
export interface ClientMemory {
  connected: Set<number>
  last: Map<number, 'answered' | 'refused' | 'timedOut'>
  answerRate: number
}

export interface LookupRun {
  closest: number[]
  reason: string
  timeMs: number
  /** Peers in the order in which they were asked */
  asked: number[]
  /** When, in the same order */
  askedAtMs: number[]
  /** The most requests that held a slot of one path at the same time */
  mostInFlight: number
  events: Array<LookupEvent<number>>
  actions: Array<LookupAction<number>>
}

/**
 * A model of a network: peers with a round trip time and a way to fail, and
 * Kademlia tables that were filled while everybody was alive.
 */
export class SimulatedNetwork {
  readonly peers: SimulatedPeer[]
  readonly #liars: SimulatedPeer[]

  constructor (init: {
    modes: PeerMode[]
    random: () => number
    bucketSize?: number
    /** Standard deviation of the round trip times' logarithm */
    sigma?: number
  }) {
    const { modes, random, bucketSize = 20, sigma = 0.5 } = init

    this.peers = modes.map((mode, peer) => ({
      peer,
      mode,
      kadId: randomKadId(random),
      rttMs: MEDIAN_RTT_MS * Math.exp(sigma * gaussian(random)),
      table: []
    }))
    this.#liars = this.peers.filter(({ mode }) => mode === 'lies')

    for (const peer of this.peers) {
      peer.table = this.#buckets(peer, bucketSize, random)
    }
  }

  /**
   * The peers that answer, closest to the target first
   */
  closestAnswering (target: KadId, n: number): number[] {
    return closestTo(target, this.peers.filter(({ mode }) => mode === 'lives' || mode === 'slow' || mode === 'lies'), n).map(({ peer }) => peer)
  }

  /**
   * Carry out one lookup in simulated time
   */
  run (options: {
    target: KadId
    start: number[]
    selector: PeerSelector
    parameters: LookupParameters
    random: () => number
    memory?: ClientMemory
  }): LookupRun {
    const { target, start, parameters, random, memory = { connected: new Set(), last: new Map(), answerRate: 1 } } = options
    const facts = (peers: SimulatedPeer[]): Array<LookupPeer<number>> => peers.map(peer => factsOf(peer, memory))
    const lookup = new Lookup<number>({
      target,
      parameters,
      selector: options.selector,
      answerRate: memory.answerRate,
      start: facts(start.map(peer => this.peers[peer]))
    })
    const queue = new EventQueue<LookupEvent<number>>()
    const running = new Set<number>()
    const probed = new Set<number>()
    const inSlot = new Map<number, number>()
    const run: LookupRun = { closest: [], reason: '', timeMs: 0, asked: [], askedAtMs: [], mostInFlight: 0, events: [], actions: [] }
    let timerAtMs: number | undefined

    const schedule = (event: LookupEvent<number>): void => {
      queue.push({ ...event, now: Math.ceil(event.now) })
    }

    const carryOut = (action: LookupAction<number>, now: number): void => {
      if (action.type === 'query') {
        const peer = this.peers[action.peer]

        run.asked.push(action.peer)
        run.askedAtMs.push(now)
        running.add(action.peer)

        if (action.reason === 'probe') {
          probed.add(action.peer)
        }

        inSlot.set(action.peer, action.path)
        schedule({ type: 'softDeadlinePassed', peer: action.peer, now: now + action.softDeadlineMs })

        for (const event of this.#answer(peer, target, now, memory, random)) {
          schedule(event.type === 'responded' ? { ...event, closer: facts(event.closer) } : event)
        }

        for (let path = 0; path < parameters.disjointPaths; path++) {
          run.mostInFlight = Math.max(run.mostInFlight, [...inSlot.values()].filter(p => p === path).length)
        }
      } else if (action.type === 'setTimer') {
        timerAtMs = Math.ceil(action.atMs)
        schedule({ type: 'timerFired', now: action.atMs })
      } else if (action.type === 'finish') {
        run.closest = action.closest
        run.reason = action.reason
        run.timeMs = now
      }
    }

    schedule({ type: 'started', now: 0 })

    const learn = (event: LookupEvent<number>): void => {
      if (event.type === 'connected') {
        memory.connected.add(event.peer)
      } else if ('peer' in event) {
        if (event.type === 'responded') {
          memory.last.set(event.peer, 'answered')
        } else if (inSlot.has(event.peer)) {
          memory.last.set(event.peer, event.type === 'failed' ? 'refused' : 'timedOut')
        }

        inSlot.delete(event.peer)

        if (event.type !== 'softDeadlinePassed') {
          running.delete(event.peer)
        }
      }
    }

    const isStale = (event: LookupEvent<number>): boolean => event.type === 'timerFired'
      ? event.now !== timerAtMs
      : 'peer' in event && !running.has(event.peer)

    while (run.reason === '') {
      const event = queue.pop()

      if (event === undefined) {
        throw new Error('the lookup waits for nothing')
      }

      if (!isStale(event)) {
        learn(event)

        const actions = lookup.advance(event)

        run.events.push(event)
        run.actions.push(...actions)
        actions.forEach(action => carryOut(action, event.now))
      }
    }

    // a late peer is not cut off from answering after all, nor a probed one from its chance
    for (let event = queue.pop(); event !== undefined; event = queue.pop()) {
      if (!isStale(event) && 'peer' in event && (!inSlot.has(event.peer) || probed.has(event.peer))) {
        learn(event)
      }
    }

    memory.answerRate = lookup.answerRate

    return run
  }

  #answer (peer: SimulatedPeer, target: KadId, now: number, memory: ClientMemory, random: () => number):
  Array<{ type: 'connected' | 'failed', peer: number, now: number } | { type: 'responded', peer: number, now: number, closer: SimulatedPeer[] }> {
    const dialMs = memory.connected.has(peer.peer) ? 0 : DIAL_ROUND_TRIPS * peer.rttMs
    const connected = { type: 'connected' as const, peer: peer.peer, now: now + dialMs }
    const givenUp = { type: 'failed' as const, peer: peer.peer, now: now + HARD_DEADLINE_MS }
    const respond = (afterMs: number, named: SimulatedPeer[]) => [connected, {
      type: 'responded' as const,
      peer: peer.peer,
      now: now + dialMs + peer.rttMs + afterMs,
      closer: closestTo(target, named, 20)
    }]

    switch (peer.mode) {
      case 'lives': return respond(0, peer.table)
      case 'slow': return respond(2000 + 2000 * random(), peer.table)
      case 'lies': return respond(0, this.#liars)
      case 'silent': return [givenUp]
      case 'mute': return [connected, givenUp]
      case 'refuses': return [{ ...givenUp, now: now + peer.rttMs }]
    }
  }

  /**
   * `bucketSize` random peers for each length of common prefix: complete in its own
   * neighbourhood and sparse far away
   */
  #buckets (peer: SimulatedPeer, bucketSize: number, random: () => number): SimulatedPeer[] {
    const others = this.peers.filter(other => other !== peer)
    const buckets = Map.groupBy(others, ({ kadId }) => commonPrefixLength(peer.kadId, kadId))

    return [...buckets.values()].flatMap(bucket => shuffled(bucket, random).slice(0, bucketSize))
  }
}

/**
 * What a client with this memory knows of a peer
 */
export function factsOf ({ peer, kadId, rttMs, mode }: SimulatedPeer, memory: ClientMemory): LookupPeer<number> {
  const last = memory.last.get(peer)
  const connected = memory.connected.has(peer)
  const roundTrips = connected ? 1 : 1 + DIAL_ROUND_TRIPS
  const known = last === 'answered'
  const peerClass: PeerClass = last === undefined ? 'neutral' : known ? 'good' : 'unacceptable'
  const slowMs = known && mode === 'slow' ? 3000 : 0

  return {
    peer,
    kadId,
    connected,
    peerClass,
    chance: 1,
    score: { neutral: 0.5, good: 0.9, unacceptable: 0.2 }[peerClass],
    relayed: false,
    failsFast: last === 'refused',
    suspect: last !== undefined && last !== 'answered',
    silentMs: 0,
    stale: false,
    probeHoldMs: STRANGER_RTT_MS,
    expectedWaitMs: (known ? rttMs : STRANGER_RTT_MS) * roundTrips + slowMs,
    softDeadlineMs: Math.ceil((known ? 1.5 * rttMs : STRANGER_SLOWEST_RTT_MS) * roundTrips + slowMs * 1.5),
    hardDeadlineMs: HARD_DEADLINE_MS
  }
}

/**
 * The given peers in ascending XOR distance from the target, at most n
 */
export function closestTo (target: KadId, peers: SimulatedPeer[], n: number): SimulatedPeer[] {
  return peers.toSorted((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, n)
}

/**
 * A uniformly random position in the keyspace
 */
export function randomKadId (random: () => number): KadId {
  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))
}

function gaussian (random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function shuffled<T> (items: T[], random: () => number): T[] {
  return items
    .map(item => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
