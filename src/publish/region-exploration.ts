import { compare } from 'uint8arrays/compare'
import { toString } from 'uint8arrays/to-string'
import { commonPrefixLength } from '../keyspace/common-prefix-length.ts'
import { fewestLookups } from './fewest-lookups.ts'
import { Region } from './region.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { KBucketEntry } from '../routing-table/k-buckets.ts'

/** An exploration has no more lookups than this. Each covers a region of some half k peers or more. */
export const MAX_LOOKUPS = 64

/** So many lookups in a row that fail end an exploration */
const MAX_FAILURES = 2

/** After so many lookups in a row without a new peer, a gap that can't be closed ends an exploration */
const MAX_WITHOUT_NEWS = 2

/**
 * What an exploration starts from
 */
export interface RegionExplorationInit {
  region: Region
  /** How many peers a lookup finds, and a key is stored on */
  k: number
  /** How many lookups run at a time, 1 or more */
  lookupsAtOnce: number
  /** From 0 to below 1. Targets are random, so that nobody can wait at one. */
  random: () => number
}

/**
 * A fact for the exploration
 */
export type ExplorationFact<P> =
  | { type: 'started' }
  /** A lookup has ended. `at`: what was looked up in fact, if not the target; it lies in the same region. `closest`: the living peers closest to the target, ascending, at most k; fewer than k when it found no more. */
  | { type: 'lookedUp', target: KadId, at?: KadId, closest: ReadonlyArray<KBucketEntry<P>> }
  | { type: 'lookupFailed', target: KadId }

/**
 * A command of the exploration
 */
export type ExplorationCommand<P> =
  /** Find the k closest peers to a target, or to another kad id within the region given: a key has to be found whose hash it is. `lookedUp` or `lookupFailed` must follow. */
  | { type: 'lookup', target: KadId, within: Region }
  /** All is known. Lookups that still run are of no use any more. */
  | {
    type: 'explored'
    /** The region that was asked for, or the smallest around it with k peers; the whole keyspace where the network has fewer */
    region: Region
    /** All peers that were found, by kad id. Those outside the region are only some of those that are there. */
    peers: Array<KBucketEntry<P>>
    /** Parts of the region that no lookup covers, as they would need too many. The k closest peers to a key there may be missing. */
    gaps: Region[]
  }
  /** Nothing that could be relied on is known. `noPeers`: the lookups ended, but found nobody. */
  | { type: 'failed', reason: 'lookupsFailed' | 'noPeers' }

/**
 * Finds every living peer of a region, as a state machine: facts go in, commands come out.
 *
 * What a lookup tells: with c the number of leading bits that its target shares with the furthest
 * of the k closest peers, every living peer that shares more than c bits with the target is closer,
 * and so is among them. The region of c + 1 bits around the target is covered. The next lookup
 * goes into the largest part that is not. When no part is left and fewer than k peers lie in the
 * region, it becomes its parent, and the rest of that is explored too.
 */
export class RegionExploration<P extends string | number> {
  readonly #k: number
  readonly #lookupsAtOnce: number
  readonly #random: () => number
  readonly #peers = new Map<P, KBucketEntry<P>>()
  /** Lookups under way: their targets, by name */
  readonly #running = new Map<string, KadId>()
  #state: 'idle' | 'running' | 'ended' = 'idle'
  #region: Region
  #covered: Region[] = []
  /** What the last lookup covered, bits. One that is under way is expected to cover as much, so that no other goes there. */
  #coveredLength: number
  #lookups = 0
  #failures = 0
  #withoutNews = 0
  #foundNobody = false

  constructor ({ region, k, lookupsAtOnce, random }: RegionExplorationInit) {
    this.#region = region
    // as long as nothing is known, one lookup may cover it all
    this.#coveredLength = region.length
    this.#k = k
    this.#lookupsAtOnce = lookupsAtOnce
    this.#random = random
  }

  /**
   * Take in a fact and decide what follows from it. Facts about targets that are not looked up
   * are ignored, and so is every fact after the end.
   */
  advance (fact: ExplorationFact<P>): Array<ExplorationCommand<P>> {
    if (this.#state === 'ended' || (this.#state === 'running') === (fact.type === 'started')) {
      return []
    }

    switch (fact.type) {
      case 'started':
        this.#state = 'running'
        return this.#decide()
      case 'lookedUp':
        if (!this.#running.delete(nameOf(fact.target))) {
          return []
        }
        this.#lookedUp(fact.at ?? fact.target, fact.closest)
        return this.#decide()
      case 'lookupFailed':
        if (!this.#running.delete(nameOf(fact.target))) {
          return []
        }
        this.#failures++
        return this.#decide()
      default:
        return fact satisfies never
    }
  }

  #lookedUp (target: KadId, closest: ReadonlyArray<KBucketEntry<P>>): void {
    const known = this.#peers.size

    for (const entry of closest) {
      this.#peers.set(entry.peer, entry)
    }

    const furthest = closest.at(-1)

    if (furthest === undefined) {
      // whoever asks knows somebody, so this says more about the lookup than about the network
      this.#foundNobody = true
      this.#failures++
      return
    }

    const hasNews = this.#peers.size > known
    this.#withoutNews = hasNews ? 0 : this.#withoutNews + 1
    this.#failures = 0

    // that these are all peers there are is believed when a second lookup says so: the first may have missed the others
    const isAll = this.#peers.size < this.#k && !hasNews
    const length = isAll ? 0 : Math.min(commonPrefixLength(target, furthest.kadId) + 1, target.length * 8)

    this.#coveredLength = length
    this.#covered.push(new Region(target, length))
  }

  #decide (): Array<ExplorationCommand<P>> {
    let gaps = this.#region.without(this.#covered)

    while (gaps.length === 0 && this.#region.parent !== undefined && !this.#holdsEnough()) {
      this.#region = this.#region.parent
      gaps = this.#region.without(this.#covered)
    }

    if (gaps.length === 0) {
      return this.#end({ type: 'explored', region: this.#region, peers: this.#found(), gaps })
    }

    if (this.#failures >= MAX_FAILURES) {
      return this.#end({ type: 'failed', reason: this.#foundNobody && this.#peers.size === 0 ? 'noPeers' : 'lookupsFailed' })
    }

    const left = MAX_LOOKUPS - this.#lookups

    if (left + this.#running.size === 0 || (this.#withoutNews >= MAX_WITHOUT_NEWS && this.#cannotClose(gaps, left + this.#running.size))) {
      return this.#end(this.#peers.size > 0
        ? { type: 'explored', region: this.#region, peers: this.#found(), gaps }
        : { type: 'failed', reason: 'lookupsFailed' })
    }

    return this.#fillSlots(gaps)
  }

  #fillSlots (gaps: Region[]): Array<ExplorationCommand<P>> {
    const commands: Array<ExplorationCommand<P>> = []

    while (this.#running.size < this.#lookupsAtOnce && this.#lookups < MAX_LOOKUPS) {
      const expected = Array.from(this.#running.values(), target => new Region(target, Math.max(this.#coveredLength, this.#region.length)))
      const [largest] = gaps.flatMap(gap => gap.without(expected)).sort((a, b) => a.length - b.length)

      if (largest === undefined) {
        break
      }

      const target = largest.randomKadId(this.#random)

      this.#running.set(nameOf(target), target)
      this.#lookups++
      commands.push({ type: 'lookup', target, within: largest })
    }

    return commands
  }

  #holdsEnough (): boolean {
    let held = 0

    for (const { kadId } of this.#peers.values()) {
      held += this.#region.contains(kadId) ? 1 : 0
    }

    return held >= this.#k
  }

  /** Whether the gaps need more lookups than are left, however well these go */
  #cannotClose (gaps: Region[], left: number): boolean {
    const peers = this.#found()
    let needed = 0

    for (const gap of gaps) {
      needed += fewestLookups(gap, peers, this.#k, left - needed)

      if (needed > left) {
        return true
      }
    }

    return false
  }

  #found (): Array<KBucketEntry<P>> {
    return [...this.#peers.values()].sort((a, b) => compare(a.kadId, b.kadId))
  }

  #end (command: ExplorationCommand<P>): Array<ExplorationCommand<P>> {
    this.#state = 'ended'

    return [command]
  }
}

function nameOf (target: KadId): string {
  return toString(target, 'base16')
}
