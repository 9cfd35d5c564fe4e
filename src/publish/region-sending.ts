import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import { assignHolders } from './assign-holders.ts'
import { PeerQueues } from './peer-queues.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/** One batch is sent while the next is read */
const MAX_BATCHES = 2

/**
 * What a sending starts from
 */
export interface RegionSendingInit<P> {
  /** The living peers of the region and around it */
  peers: ReadonlyArray<KBucketEntry<P>>
  /** How many peers a key is to be stored on, 1 or more */
  k: number
  /** How many peers are sent to at a time, 1 or more */
  peersAtOnce: number
  /** How many keys are sent to a peer at once, 1 or more */
  recordsPerSend: number
  /**
   * On how many peers a key has to be stored, or it has failed; 1 to k. Where there are fewer peers, on all of them.
   *
   * @default Half of k, rounded up
   */
  leastHolders?: number
}

/**
 * A fact for the sending. A key is the object that came with `keys`.
 */
export type SendingFact<P, T> =
  | { type: 'started' }
  /** The next keys of the region, in any order. `isLast`: there are no others. */
  | { type: 'keys', keys: readonly T[], isLast: boolean }
  /** A peer has answered. It stored some of the keys that were sent, and refused others. With those that it said nothing of it has failed. */
  | { type: 'sent', peer: P, stored: readonly T[], refused: readonly T[] }
  /** A peer could not be reached or did not answer, so that nothing is known to be stored */
  | { type: 'failed', peer: P }
  /** The sending is no longer wanted */
  | { type: 'cancelled' }

/**
 * A command of the sending, to be carried out in the order given
 */
export type SendingCommand<P, T> =
  /** Read the next keys. `keys` must follow. */
  | { type: 'pull' }
  /** Send these keys to a peer, on one stream. `sent` or `failed` must follow. */
  | { type: 'send', peer: P, keys: T[] }
  /** Nothing more happens to a key. `holders`: how many peers have stored it. `missing`: how many fewer that are than it should be. */
  | { type: 'done', key: T, result: 'stored' | 'failed', holders: number, missing: number }
  /** All is over. `stored` and `failed` are numbers of keys. What is sent still is of no use any more. */
  | { type: 'finish', stored: number, failed: number, peersLeftOut: P[] }

/**
 * Sends the keys of a region to the k closest peers to each, as a state machine: facts go in,
 * commands come out. It sends peer by peer, and holds two batches of keys at most. A peer that
 * fails twice is left out, and its keys go to the next closest peer that has not got them. So
 * does a key that a peer refuses. Each key ends as one `done`, also one that too few peers have
 * stored, and one that a cancellation has interrupted.
 */
export class RegionSending<P extends string | number, T extends { kadId: KadId }> {
  readonly #init: RegionSendingInit<P>
  readonly #wanted: number
  readonly #leastHolders: number
  readonly #queues: PeerQueues<P, T>
  /** All peers but those left out */
  readonly #usable = new PrefixTrie<P>()
  readonly #held = new Map<T, HeldKey<P>>()
  readonly #commands: Array<SendingCommand<P, T>> = []
  #state: 'idle' | 'running' | 'ended' = 'idle'
  #source: 'ready' | 'pulling' | 'exhausted' = 'ready'
  #batches = 0
  #stored = 0
  #failed = 0

  constructor (init: RegionSendingInit<P>) {
    const { peers, k, recordsPerSend, leastHolders = Math.ceil(k / 2) } = this.#init = init

    this.#wanted = Math.min(k, peers.length)
    // without a peer nothing is stored
    this.#leastHolders = Math.max(1, Math.min(leastHolders, peers.length))
    this.#queues = new PeerQueues(peers.map(({ peer }) => peer), recordsPerSend)

    peers.forEach(({ peer, kadId }) => { this.#usable.set(kadId, peer) })
  }

  /**
   * Take in a fact and decide what follows from it. Facts about peers that nothing is sent to are ignored, and
   * so is every fact after `finish`.
   */
  advance (fact: SendingFact<P, T>): Array<SendingCommand<P, T>> {
    if (this.#state === 'ended' || (fact.type !== 'cancelled' && (this.#state === 'running') === (fact.type === 'started'))) {
      return []
    }

    switch (fact.type) {
      case 'started':
        this.#state = 'running'
        break
      case 'keys':
        this.#takeIn(fact.keys)
        this.#source = fact.isLast ? 'exhausted' : 'ready'
        break
      case 'sent':
        this.#answered(fact.peer, fact.stored, fact.refused)
        break
      case 'failed':
        this.#answered(fact.peer, [], [])
        break
      case 'cancelled':
        this.#held.forEach((held, key) => { this.#done(key, held) })
        this.#source = 'exhausted'
        break
      default:
        return fact satisfies never
    }

    this.#decide()

    return this.#commands.splice(0)
  }

  #takeIn (given: readonly T[]): void {
    const keys = [...new Set(given)].filter(key => !this.#held.has(key))
    const usable = this.#init.peers.filter(({ peer }) => !this.#queues.isLeftOut(peer))
    const batch = { open: keys.length }

    this.#batches += keys.length > 0 ? 1 : 0

    for (const { keys: together, holders } of assignHolders(keys, usable, this.#init.k)) {
      for (const key of together) {
        const held: HeldKey<P> = { batch, assigned: holders, replacements: [], open: holders.length, holders: 0, refusals: 0 }

        this.#held.set(key, held)
        holders.forEach(peer => { this.#queues.add(peer, key) })

        if (holders.length === 0) {
          this.#done(key, held)
        }
      }
    }
  }

  #answered (peer: P, stored: readonly T[], refused: readonly T[]): void {
    const sent = this.#queues.sentTo(peer)

    if (sent === undefined) {
      return
    }

    const unanswered = new Set(sent)
    const took = [...new Set(stored)].filter(key => unanswered.delete(key))
    const turnedDown = [...new Set(refused)].filter(key => unanswered.delete(key))
    const toOthers = this.#queues.ended(peer, [...unanswered])

    if (this.#queues.isLeftOut(peer)) {
      this.#init.peers.filter(entry => entry.peer === peer).forEach(({ kadId }) => this.#usable.delete(kadId))
    }

    took.forEach(key => { this.#settle(key, 'stored') })
    turnedDown.forEach(key => { this.#settle(key, 'refused') })
    toOthers.forEach(key => { this.#settle(key, 'failed') })
  }

  /** A key has got an answer of one of its peers, or that peer is left out */
  #settle (key: T, answer: 'stored' | 'refused' | 'failed'): void {
    const held = this.#held.get(key)

    if (held === undefined) {
      return
    }

    held.open--
    held.holders += answer === 'stored' ? 1 : 0
    held.refusals += answer === 'refused' ? 1 : 0

    // what k peers have refused, the others would refuse as well
    if (answer !== 'stored' && held.refusals < this.#init.k) {
      this.#replace(key, held)
    }

    if (held.open === 0) {
      this.#done(key, held)
    }
  }

  #replace (key: T, held: HeldKey<P>): void {
    const [next] = this.#usable.closest(key.kadId, 1, peer => !held.assigned.includes(peer) && !held.replacements.includes(peer))

    if (next !== undefined) {
      held.replacements.push(next.value)
      held.open++
      this.#queues.add(next.value, key)
    }
  }

  #done (key: T, { batch, holders }: HeldKey<P>): void {
    const result = holders >= this.#leastHolders ? 'stored' : 'failed'

    this.#held.delete(key)
    this.#stored += result === 'stored' ? 1 : 0
    this.#failed += result === 'failed' ? 1 : 0
    this.#commands.push({ type: 'done', key, result, holders, missing: this.#wanted - holders })

    if (--batch.open === 0) {
      this.#batches--
    }
  }

  #decide (): void {
    if (this.#source === 'exhausted' && this.#held.size === 0) {
      this.#state = 'ended'
      this.#commands.push({ type: 'finish', stored: this.#stored, failed: this.#failed, peersLeftOut: this.#queues.leftOut })
      return
    }

    if (this.#source === 'ready' && this.#batches < MAX_BATCHES) {
      this.#source = 'pulling'
      this.#commands.push({ type: 'pull' })
    }

    while (this.#queues.sending < this.#init.peersAtOnce) {
      const next = this.#queues.next()

      if (next === undefined) {
        break
      }

      this.#commands.push({ type: 'send', ...next })
    }
  }
}

interface HeldKey<P> {
  /** Those that came with it */
  batch: { open: number }
  /** The k closest peers, the same list for all keys that share it */
  assigned: readonly P[]
  /** Peers that got the key in place of others */
  replacements: P[]
  /** Peers that it is still to be sent to, or that have not answered yet */
  open: number
  /** Peers that have stored it */
  holders: number
  refusals: number
}
