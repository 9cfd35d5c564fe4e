import FlatQueue from 'flatqueue'
import { PrefixTrie } from '../../src/keyspace/prefix-trie.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { constructRoutingTable } from '../testnet/construct-routing-table.ts'
import { cycle } from './cycle.ts'
import { randomKadId } from './random-kad-id.ts'
import type { Random } from '../random/random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../src/lookup/lookup.ts'

/** Number of peers in the network, which is enough for a lookup to take some hops. The share below is the share of peers that answer. */
const PEERS = 2000
const LIVE_SHARE = 0.85

/** Share of the live peers that the client holds good when they are named to it */
const GOOD_SHARE = 0.5

/** Routing tables like those of the testnet's servers */
const TABLE = { nearPeers: 30, farPeers: 4, knownShare: 0.75, liveShare: LIVE_SHARE }

/** Number of good peers that the client remembers. The lookup starts from the closest of them. */
const MET_PEERS = 800
const START_PEERS = 40

const NAMED_PEERS = 20

const WAIT_MS = { min: 50, max: 250 }
const SOFT_DEADLINE_MS = 600
const HARD_DEADLINE_MS = 2000

/** More random numbers than a lookup draws */
const RANDOM_NUMBERS = 1000

/**
 * The recorded facts of one lookup. With them, its decisions can be made again without a
 * network.
 */
export interface RecordedLookup {
  events: Array<LookupEvent<number>>
  /** Number of peers that it asked */
  queries: number
  /** Feed the events to a new lookup, and return its actions */
  replay (): Array<LookupAction<number>>
}

/**
 * Carry a lookup out in a model of a network, in simulated time
 *
 * @throws {Error} Replaying the recording does not give the same lookup
 */
export function recordLookup (seed: number): RecordedLookup {
  const random = seededRandom(seed, 'micro', 'lookup')
  const target = randomKadId(random)
  const network = modelNetwork(target, random)
  const numbers = Array.from({ length: RANDOM_NUMBERS }, random)
  const init = { target, parameters: validateLookupParameters(), start: network.start }
  const events = eventsOf(newLookup(init, numbers), network)

  const replay = (): Array<LookupAction<number>> => {
    const lookup = newLookup(init, numbers)

    return events.flatMap(event => lookup.advance(event))
  }

  const actions = replay()

  if (actions.at(-1)?.type !== 'finish') {
    throw new Error('the recorded lookup did not end when it was repeated')
  }

  return { events, queries: actions.filter(({ type }) => type === 'query').length, replay }
}

interface ModelNetwork {
  start: Array<LookupPeer<number>>
  lives (peer: number): boolean
  /** The peers in another peer's routing table that are closest to the target */
  named (peer: number): Array<LookupPeer<number>>
}

function modelNetwork (target: KadId, random: Random): ModelNetwork {
  const kadIds = Array.from({ length: PEERS }, () => randomKadId(random))
  const lives = kadIds.map(() => random() < LIVE_SHARE)
  const facts = kadIds.map((kadId, peer): LookupPeer<number> => {
    const good = lives[peer] && random() < GOOD_SHARE

    return {
      peer,
      kadId,
      score: good ? 0.9 : 0.5,
      peerClass: good ? 'good' : 'neutral',
      chance: 1,
      connected: false,
      relayed: false,
      failsFast: false,
      stale: false,
      suspect: false,
      silentMs: 0,
      probeHoldMs: WAIT_MS.min,
      expectedWaitMs: WAIT_MS.min + random() * (WAIT_MS.max - WAIT_MS.min),
      softDeadlineMs: SOFT_DEADLINE_MS,
      hardDeadlineMs: HARD_DEADLINE_MS
    }
  })

  const closest = (peers: number[], n: number): Array<LookupPeer<number>> => {
    const trie = new PrefixTrie<LookupPeer<number>>()

    peers.forEach(peer => { trie.set(kadIds[peer], facts[peer]) })

    return trie.closest(target, n).map(({ value }) => value)
  }

  return {
    start: closest([...kadIds.keys()].filter(peer => facts[peer].peerClass === 'good').slice(0, MET_PEERS), START_PEERS),
    lives: peer => lives[peer],
    named: peer => closest(constructRoutingTable(kadIds[peer], kadIds, TABLE, random), NAMED_PEERS)
  }
}

/** The events that a lookup is told until it ends */
function eventsOf (lookup: Lookup<number>, network: ModelNetwork): Array<LookupEvent<number>> {
  const queue = new FlatQueue<LookupEvent<number>>()
  const events: Array<LookupEvent<number>> = []
  const schedule = (event: LookupEvent<number>): void => { queue.push(event, event.now) }
  let ended = false

  schedule({ type: 'started', now: 0 })

  while (!ended) {
    const event = queue.pop()

    if (event === undefined) {
      throw new Error('the lookup waits for nothing')
    }

    events.push(event)

    for (const action of lookup.advance(event)) {
      if (action.type === 'setTimer') {
        schedule({ type: 'timerFired', now: action.atMs })
      } else if (action.type === 'query' && network.lives(action.peer)) {
        schedule({ type: 'responded', peer: action.peer, now: event.now + action.expectedWaitMs, closer: network.named(action.peer) })
      } else if (action.type === 'query') {
        schedule({ type: 'softDeadlinePassed', peer: action.peer, now: event.now + action.softDeadlineMs })
        schedule({ type: 'failed', peer: action.peer, now: event.now + action.hardDeadlineMs })
      }

      ended ||= action.type === 'finish'
    }
  }

  return events
}

function newLookup (init: Omit<LookupInit<number>, 'selector'>, numbers: readonly number[]): Lookup<number> {
  return new Lookup({ ...init, selector: new EpsilonGreedySelector({ random: cycle(numbers) }) })
}
