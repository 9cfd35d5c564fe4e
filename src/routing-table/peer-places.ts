import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import { ReplacementCache } from './replacement-cache.ts'
import { validateRoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import { Replacements } from './replacements.ts'
import type { KBucketEntry, KBuckets } from './k-buckets.ts'
import type { Introduction } from './replacement-cache.ts'
import type { RoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import type { SparePlace } from './replacements.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerClass } from '../score/peer-score.ts'
import type { PeerScores } from './peer-scores.ts'

/**
 * What the places are made from
 */
export interface PeerPlacesInit<P extends string | number> extends Partial<RoutingTableParameters> {
  buckets: KBuckets<P>
  scores: Pick<PeerScores<P>, 'score' | 'classOf'>
  /** Ourselves: whoever names us to us is not heard */
  localPeer: P
}

/**
 * Where a peer is:
 *
 * - `bucket`: in the k-buckets
 * - `remembered`: not in the buckets, but its score is kept and is good or unacceptable
 * - `replacement`: in the replacement cache
 * - `none`: the table does not use it
 *
 * While it is unacceptable, `replacedBy` takes its place; otherwise it may replace another.
 */
export type Whereabouts<P> =
  | { place: 'bucket' | 'remembered', replacedBy: P | undefined, replaces: P | undefined }
  | { place: 'replacement', introduction: Introduction, replaces: P | undefined }
  | { place: 'none' }

/**
 * K-buckets seen through scores. It never changes the buckets: a peer whose score
 * becomes unacceptable stays in its bucket until garbage collection, but is
 * passed over, and the next closest peer that found no place in the buckets
 * replaces it. So it is with those that are remembered only: a dead peer
 * never gets into the buckets, and a restart empties them. Where everybody is in
 * the buckets, the next closest of them takes its place.
 *
 * Peers are placed anew when `scoreChanged` names them, not as time passes. All
 * that time does to a score is to let a poor one recover: `candidates`,
 * `named` and `evictionCandidates` see that at once, but the replacement of such a
 * peer stays in use beside it until its next outcome, `why` is asked of either, or
 * `replacements` or `replacementsInUse` of all.
 */
export class PeerPlaces<P extends string | number> {
  readonly #buckets: KBuckets<P>
  readonly #scores: Pick<PeerScores<P>, 'score' | 'classOf'>
  readonly #localPeer: P
  readonly #k: number
  readonly #minGoodPeers: number
  readonly #cache: ReplacementCache<P>

  /** Everybody in the buckets, remembered or in the replacement cache, but for those that were only named and replace nobody: most come and go like that */
  readonly #known = new Map<P, Known<P>>()
  /** Every known peer that has a place */
  readonly #placed = new PrefixTrie<Known<P>>()
  /** The unacceptable peers, and those to replace them */
  readonly #replacements: Replacements<P>
  readonly #good = new Set<P>()
  /** Peers to judge and place before the next answer */
  readonly #outdated = new Set<P>()

  /**
   * @throws {InvalidParametersError} A parameter is out of its range
   */
  constructor ({ buckets, scores, localPeer, ...parameters }: PeerPlacesInit<P>) {
    const { k, minGoodPeers, maxReplacements } = validateRoutingTableParameters(parameters)
    this.#buckets = buckets
    this.#scores = scores
    this.#localPeer = localPeer
    this.#k = k
    this.#minGoodPeers = minGoodPeers
    this.#cache = new ReplacementCache(maxReplacements)
    this.#replacements = new Replacements(peer => {
      const known = this.#find(peer)

      if (known !== undefined) {
        this.#index(known)
      }
    })
    buckets.subscribe({
      added: entry => { this.#setInBuckets(entry, true) },
      removed: entry => { this.#setInBuckets(entry, false) }
    })
    this.reset()
  }

  /** Read the buckets anew, after they changed without notices; all else stays */
  reset (): void {
    for (const { entry, inBuckets } of this.#known.values()) {
      if (inBuckets) {
        this.#setInBuckets(entry, false)
      }
    }

    for (const entry of this.#buckets.entries()) {
      this.#setInBuckets(entry, true)
    }
  }

  /**
   * Name a peer whose score is kept. It takes part while that score is good, in
   * the buckets or not, and while it is unacceptable somebody replaces it. There
   * are as many as the scores keep.
   */
  remember (entry: KBucketEntry<P>): void {
    if (entry.peer !== this.#localPeer) {
      this.#know(entry).remembered = true
    }
  }

  /** The score of a peer is no longer kept */
  forget (peer: P): void {
    const known = this.#known.get(peer)

    if (known !== undefined) {
      this.#know(known.entry).remembered = false
    }
  }

  /**
   * A peer no longer speaks the protocol. Whether its score is kept or not, it takes
   * no part, and nobody replaces it, until it is remembered or heard of again. In
   * the buckets it stays until it is removed there.
   */
  leave (peer: P): void {
    const entry = this.#find(peer)?.entry

    if (entry !== undefined) {
      this.#cache.delete(peer)
      this.#know(entry).remembered = false
    }
  }

  /** The score of a peer changed otherwise than by time: to be called every time */
  scoreChanged (peer: P): void {
    if (this.#known.has(peer) || this.#cache.get(peer) !== undefined) {
      this.#outdated.add(peer)
    }
  }

  /**
   * A peer answered us, or was named to us. Unless it has a place already or is
   * unacceptable, it enters the replacement cache.
   *
   * @param now - ms since the epoch, as in all methods
   */
  heardOf (entry: KBucketEntry<P>, how: Introduction, now: number): void {
    const known = this.#known.get(entry.peer)

    if (entry.peer === this.#localPeer || known?.inBuckets === true) {
      return
    }

    const peerClass = this.#scores.classOf(entry.peer, now)

    if (peerClass === 'unacceptable' || placeOutsideCache(known, peerClass) !== undefined) {
      return
    }

    const before = this.#cache.get(entry.peer)
    const leaving = this.#cache.add(entry, how)

    // heard of again: it stays where it is, which is what most of a response's names come to
    if (before === 'answered' || before === how) {
      return
    }

    if (how === 'answered' || known !== undefined) {
      this.#know(entry)
    } else {
      this.#replacements.setSpare(entry, 'named')
    }

    if (leaving !== undefined && this.#known.has(leaving.peer)) {
      this.#outdated.add(leaving.peer)
    } else if (leaving !== undefined) {
      this.#replacements.setSpare(leaving, undefined)
    }

    // now, because what is outdated is bounded by nothing else
    this.#update(now)
  }

  /**
   * The peers to start a lookup with: the closest acceptable ones by ascending
   * distance, from the buckets, the remembered and the replacements. Where there are
   * fewer than `n`, the closest poor ones follow.
   */
  candidates (target: KadId, n: number, now: number): Array<KBucketEntry<P>> {
    this.#update(now)
    const acceptable: Array<KBucketEntry<P>> = []
    const poor: Array<KBucketEntry<P>> = []

    for (const { value: known } of this.#placed.byDistance(target)) {
      if (acceptable.length >= n) {
        break
      }

      if (this.#isIdle(known)) {
        continue
      }

      (this.#isAcceptable(known.entry.peer, now) ? acceptable : poor).push(known.entry)
    }

    return [...acceptable, ...poor].slice(0, n)
  }

  /**
   * The peers to name in a reply, by ascending distance: of the 2 `count` closest
   * that we know, the closest acceptable ones; where there are fewer than `count`,
   * the closest poor ones fill up. Peers that never answered us are not named
   * unless they are in the buckets.
   *
   * @param options.count - @default k
   * @param options.exclude - Not to be named, such as the peer that asks
   */
  named (target: KadId, { count = this.#k, exclude }: { count?: number, exclude?: ReadonlySet<P> }, now: number): Array<KBucketEntry<P>> {
    this.#update(now)
    const closest = this.#placed
      .closest(target, 2 * count, ({ place, entry }) => place !== 'named' && exclude?.has(entry.peer) !== true)
      .map(({ value }) => value.entry)
    const { acceptable = [], poor = [] } = Object.groupBy(closest, ({ peer }) => this.#isAcceptable(peer, now) ? 'acceptable' : 'poor')
    const chosen = new Set([...acceptable, ...poor].slice(0, count))

    return closest.filter(entry => chosen.has(entry))
  }

  /**
   * Take in all that changed, the recovery of poor peers by time included. Looks at
   * all of these.
   */
  #updateAll (now: number): void {
    for (const { peer } of this.#replacements.poor()) {
      if (this.#isAcceptable(peer, now)) {
        this.#outdated.add(peer)
      }
    }

    this.#update(now)
  }

  /**
   * The unacceptable peers in the buckets and among the remembered, each with the
   * peer that replaces it, or undefined while nobody is there to do so. Nobody
   * replaces two. Looks at all of them.
   */
  replacements (now: number): Array<{ poor: P, replacement: P | undefined }> {
    this.#updateAll(now)

    return Array.from(this.#replacements.poor(), ({ peer }) => ({ poor: peer, replacement: this.#replacements.replacementOf(peer) }))
  }

  /** How many unacceptable peers somebody replaces. Looks at all of them. */
  replacementsInUse (now: number): number {
    this.#updateAll(now)

    return this.#replacements.pairs
  }

  /** How many good peers there are in the buckets and among the remembered */
  goodPeers (now: number): number {
    this.#update(now)

    return this.#good.size
  }

  /** Whether there are fewer good peers than there should be */
  needsGoodPeers (now: number): boolean {
    return this.goodPeers(now) < this.#minGoodPeers
  }

  /**
   * Whom to ping first when a bucket is full and somebody knocks: the unacceptable
   * ones among its peers, worst score first, then in the order given.
   */
  evictionCandidates (bucketPeers: readonly P[], n: number, now: number): P[] {
    return bucketPeers
      .filter(peer => !this.#isAcceptable(peer, now))
      .map(peer => ({ peer, score: this.#scores.score(peer, now) }))
      .sort((a, b) => a.score - b.score)
      .slice(0, n)
      .map(({ peer }) => peer)
  }

  /** Where a peer is and what follows from it */
  why (peer: P, now: number): Whereabouts<P> {
    const poor = this.#replacements.replaces(peer)

    // of a pair, only the poor one can have recovered by time
    this.scoreChanged(poor ?? peer)
    this.#update(now)
    const place = this.#find(peer)?.place ?? (this.#replacements.isPoor(peer) ? 'remembered' : undefined)
    const replaces = this.#replacements.replaces(peer)

    switch (place) {
      case undefined:
        return { place: 'none' }
      case 'bucket':
      case 'remembered':
        return { place, replacedBy: this.#replacements.replacementOf(peer), replaces }
      default:
        return { place: 'replacement', introduction: place, replaces }
    }
  }

  #isAcceptable (peer: P, now: number): boolean {
    return this.#scores.classOf(peer, now) !== 'unacceptable'
  }

  /** In the replacement cache and replacing nobody */
  #isIdle ({ entry, place }: Known<P>): boolean {
    return (place === 'answered' || place === 'named') && this.#replacements.replaces(entry.peer) === undefined
  }

  #setInBuckets (entry: KBucketEntry<P>, inBuckets: boolean): void {
    this.#know(entry).inBuckets = inBuckets
  }

  /** The record of a peer, which is about to change */
  #know (entry: KBucketEntry<P>): Known<P> {
    const known = this.#find(entry.peer) ?? { entry, inBuckets: false, remembered: false, place: undefined, isIndexed: false }

    this.#known.set(entry.peer, known)
    this.#outdated.add(entry.peer)

    return known
  }

  /** The record of a peer: one that is in the replacement cache only needs none of its own */
  #find (peer: P): Known<P> | undefined {
    const known = this.#known.get(peer)
    const entry = known === undefined ? this.#cache.entry(peer) : undefined

    return entry === undefined ? known : { entry, inBuckets: false, remembered: false, place: this.#cache.get(peer), isIndexed: false }
  }

  /** Judge and place every peer that changed: the notices carry no time, so it can't be done earlier */
  #update (now: number): void {
    if (this.#outdated.size > 0) {
      for (const peer of this.#outdated) {
        const known = this.#find(peer)

        if (known !== undefined) {
          this.#place(known, now)
        }
      }

      this.#outdated.clear()
    }

    this.#replacements.match()
  }

  #place (known: Known<P>, now: number): void {
    const { entry, inBuckets, remembered } = known
    const peerClass = this.#scores.classOf(entry.peer, now)
    const placeOutside = placeOutsideCache(known, peerClass)

    if (placeOutside !== undefined || peerClass === 'unacceptable') {
      this.#cache.delete(entry.peer)
    }

    known.place = placeOutside ?? this.#cache.get(entry.peer)

    this.#replacements.setSpare(entry, sparePlace(known.place, peerClass))
    this.#replacements.setPoor(entry, (inBuckets || remembered) && peerClass === 'unacceptable')
    this.#index(known)

    if (placeOutside !== undefined && peerClass === 'good') {
      this.#good.add(entry.peer)
    } else {
      this.#good.delete(entry.peer)
    }
  }

  /** Nobody looks for those who were only named, unless they replace somebody */
  #index (known: Known<P>): void {
    const { entry, inBuckets, remembered, place } = known
    const isIndexed = place !== undefined && (place !== 'named' || this.#replacements.replaces(entry.peer) !== undefined)

    if (isIndexed || inBuckets || remembered) {
      this.#known.set(entry.peer, known)
    } else {
      this.#known.delete(entry.peer)
    }

    if (isIndexed && !known.isIndexed) {
      this.#placed.set(entry.kadId, known)
    } else if (!isIndexed && known.isIndexed) {
      this.#placed.delete(entry.kadId)
    }

    known.isIndexed = isIndexed
  }
}

interface Known<P> {
  readonly entry: KBucketEntry<P>
  inBuckets: boolean
  remembered: boolean
  /** As of the last update; undefined when it takes no part */
  place: Place | undefined
  /** Whether it is among those that have a place and are looked for */
  isIndexed: boolean
}

type Place = 'bucket' | 'remembered' | Introduction

/** The place that a peer has by itself, without the replacement cache */
function placeOutsideCache (known: Known<unknown> | undefined, peerClass: PeerClass): 'bucket' | 'remembered' | undefined {
  if (known?.inBuckets === true) {
    return 'bucket'
  }

  return known?.remembered === true && peerClass === 'good' ? 'remembered' : undefined
}

/** From where an acceptable peer could replace a poor one */
function sparePlace (place: Place | undefined, peerClass: PeerClass): SparePlace | undefined {
  if (place === undefined || peerClass === 'unacceptable') {
    return undefined
  }

  switch (place) {
    case 'bucket': return 'inside'
    case 'named': return 'named'
    default: return 'outside'
  }
}
