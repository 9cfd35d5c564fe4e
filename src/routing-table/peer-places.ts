import { PrefixTrie } from '../keyspace/prefix-trie.ts'
import { likeliest } from './likeliest.ts'
import { placeOutsideCache, sparePlace } from './known-peer.ts'
import { ReplacementCache } from './replacement-cache.ts'
import { validateRoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import { Replacements } from './replacements.ts'
import type { KnownPeer } from './known-peer.ts'
import type { NamedPeers } from './named-peers.ts'
import type { KBucketEntry, KBuckets } from './k-buckets.ts'
import type { Introduction } from './replacement-cache.ts'
import type { RoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerScores } from './peer-scores.ts'

/**
 * What `PeerPlaces` is made of
 */
export interface PeerPlacesInit<P extends string | number> extends Partial<RoutingTableParameters> {
  buckets: KBuckets<P>
  scores: Pick<PeerScores<P>, 'score' | 'classOf'>
  /** The chance that a peer answers now, 0 to 1 */
  chanceOf: (peer: P, now: number) => number
  /** Where those are put that are only named, wherever there is no room for them */
  named: NamedPeers<P>
  /** This node itself, which never gets a place */
  localPeer: P
}

/**
 * Where a peer is:
 *
 * - `bucket`: in the k-buckets
 * - `remembered`: not in the buckets, but its score is kept and is good or unacceptable
 * - `replacement`: in the replacement cache
 * - `named`: others have named it, and we have not asked it; lookups may begin with it
 * - `none`: the table does not use it
 *
 * While the peer is unacceptable, `replacedBy` takes its place. An acceptable peer may itself replace another.
 */
export type Whereabouts<P> =
  | { place: 'bucket' | 'remembered', replacedBy: P | undefined, replaces: P | undefined }
  | { place: 'replacement', introduction: Introduction, replaces: P | undefined }
  | { place: 'named', referrer: P }
  | { place: 'none' }

/**
 * K-buckets seen through scores. The buckets are never changed. A peer whose score
 * becomes unacceptable stays in its bucket until garbage collection, but is passed over.
 * The closest peer that found no place in the buckets replaces it. If there is no such
 * peer, the closest one in the buckets does. Remembered peers are replaced in the same
 * way, because a dead peer never gets into the buckets, and a restart empties them.
 *
 * A peer is placed anew when `scoreChanged` names it, not as time passes. Time only lets
 * a poor score recover. `candidates`, `named` and `evictionCandidates` see that at once.
 * The replacement of such a peer stays in use, though, until the peer has its next
 * outcome, or `why` is called for one of the two, or `replacements`.
 */
export class PeerPlaces<P extends string | number> {
  readonly #buckets: KBuckets<P>
  readonly #scores: Pick<PeerScores<P>, 'score' | 'classOf'>
  readonly #chanceOf: (peer: P, now: number) => number
  readonly #localPeer: P
  readonly #k: number
  readonly #minGoodPeers: number
  readonly #cache: ReplacementCache<P>
  readonly #named: NamedPeers<P>

  /** All peers in the buckets, remembered or in the replacement cache. Peers that were only named and replace nobody are left out, as most come and go. */
  readonly #known = new Map<P, KnownPeer<P>>()
  /** The known peers that have a place, by kad id */
  readonly #placed = new PrefixTrie<KnownPeer<P>>()
  /** The unacceptable peers, and the peers that may replace them */
  readonly #replacements: Replacements<P>
  readonly #good = new Set<P>()
  /** Peers that have to be placed anew before a method returns anything */
  readonly #outdated = new Set<P>()

  /**
   * @throws {InvalidParametersError} A parameter is out of its range
   */
  constructor ({ buckets, scores, chanceOf, named, localPeer, ...parameters }: PeerPlacesInit<P>) {
    const { k, minGoodPeers, maxReplacements } = validateRoutingTableParameters(parameters)
    this.#buckets = buckets
    this.#scores = scores
    this.#chanceOf = chanceOf
    this.#localPeer = localPeer
    this.#k = k
    this.#minGoodPeers = minGoodPeers
    this.#cache = new ReplacementCache(maxReplacements)
    this.#named = named
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

  /** Read the buckets anew, after they changed without a notice to the listener. Nothing else changes. */
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
   * The score of a peer is kept. While it is good, the peer takes part, even outside the
   * buckets. While it is unacceptable, another peer replaces this one. The number of
   * remembered peers is limited by the scores alone.
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

    this.#named.delete(peer)
  }

  /**
   * A peer no longer speaks the protocol. It takes no part, even if its score is kept, and
   * nobody replaces it, until it is remembered or heard of again. A peer in the buckets
   * stays there until it is removed from them.
   */
  leave (peer: P): void {
    const entry = this.#find(peer)?.entry

    if (entry !== undefined) {
      this.#cache.delete(peer)
      this.#know(entry).remembered = false
    }

    this.#named.delete(peer)
  }

  /** The score of a peer has changed. Call this for every change, but not for those that time alone makes. */
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

    // the peer is in the cache already, so its place does not change; this is so for most peers that a response names
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

    // at once, as nothing else limits how many peers are outdated
    this.#update(now)
  }

  /** A peer was named to us. Unless it has a place or is unacceptable, it is remembered as a peer that was only named. */
  namedBy (entry: KBucketEntry<P>, referrer: P, now: number): void {
    const peerClass = this.#scores.classOf(entry.peer, now)
    const hasPlace = placeOutsideCache(this.#known.get(entry.peer), peerClass) !== undefined

    if (entry.peer !== this.#localPeer && !hasPlace && peerClass !== 'unacceptable') {
      this.#named.add(entry, referrer, now)
    }
  }

  /** A peer comes from a store, and was only named. Unless it is known here already, it is remembered as such. */
  restoreNamed (entry: KBucketEntry<P>, referrer: P, namedAt: number): void {
    if (entry.peer !== this.#localPeer && !this.#known.has(entry.peer)) {
      this.#named.restore(entry, referrer, namedAt)
    }
  }

  /** The `n` closest acceptable peers that were only named to us, by ascending distance */
  namedCandidates (target: KadId, n: number, now: number): Array<KBucketEntry<P>> {
    this.#update(now)

    return this.#named.closest(target, n, ({ peer }) => this.#isAcceptable(peer, now))
  }

  /**
   * The peers to start a lookup with: the `n` closest acceptable peers, by ascending
   * distance, from the buckets, the remembered and the replacements in use. Where there are
   * fewer than `n`, the closest poor peers follow.
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
   * The peers to name in a reply, at most `count`, by ascending distance. They are chosen
   * from the 2 * `count` closest that we know: the acceptable ones that are the likeliest there,
   * and, if these are too few, the closest poor ones. Outside the buckets, only peers that
   * have answered us are named.
   *
   * @param options.count - @default k
   * @param options.exclude - Not to be named, such as the peer that asks
   */
  named (target: KadId, { count = this.#k, exclude }: { count?: number, exclude?: ReadonlySet<P> }, now: number): Array<KBucketEntry<P>> {
    this.#update(now)
    const closest = this.#placed
      .closest(target, 2 * count, ({ place, entry }) => place !== 'named' && exclude?.has(entry.peer) !== true)
      .map(({ value }) => value.entry)

    return likeliest(closest, count, ({ peer }) => this.#isAcceptable(peer, now) ? this.#chanceOf(peer, now) : undefined)
  }

  /**
   * Place anew all peers that changed, those included that are poor no longer because
   * time has passed. Looks at all poor peers.
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
   * The unacceptable peers in the buckets and among the remembered. Each comes with its
   * replacement, or with undefined while there is none. A peer replaces one other at
   * most. Looks at all unacceptable peers.
   */
  replacements (now: number): Array<{ poor: P, replacement: P | undefined }> {
    this.#updateAll(now)

    return Array.from(this.#replacements.poor(), ({ peer }) => ({ poor: peer, replacement: this.#replacements.replacementOf(peer) }))
  }

  /** How many replacements are in use. One of a peer that time alone has made acceptable is, until that peer has its next outcome. */
  replacementsInUse (now: number): number {
    this.#update(now)

    return this.#replacements.pairs
  }

  /** How many good peers there are in the buckets and among the remembered */
  goodPeers (now: number): number {
    this.#update(now)

    return this.#good.size
  }

  /** Whether there are fewer good peers than `minGoodPeers` */
  needsGoodPeers (now: number): boolean {
    return this.goodPeers(now) < this.#minGoodPeers
  }

  /**
   * Whom to ping first when a new peer wants to enter a full bucket: at most `n` of the
   * unacceptable peers of the bucket, the lowest score first. Peers with the same score keep the order given.
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

    // in a pair only the poor peer can have changed with time
    this.scoreChanged(poor ?? peer)
    this.#update(now)
    const place = this.#find(peer)?.place ?? (this.#replacements.isPoor(peer) ? 'remembered' : undefined)
    const replaces = this.#replacements.replaces(peer)

    switch (place) {
      case undefined: {
        const named = this.#named.get(peer)

        return named === undefined ? { place: 'none' } : { place: 'named', referrer: named.referrer }
      }
      case 'bucket':
      case 'remembered':
        return { place, replacedBy: this.#replacements.replacementOf(peer), replaces }
      default:
        return { place: 'replacement', introduction: place, replaces }
    }
  }

  isReliable (peer: P, now: number): boolean {
    return this.#isAcceptable(peer, now) && placeOutsideCache(this.#find(peer), this.#scores.classOf(peer, now)) !== undefined
  }

  #isAcceptable (peer: P, now: number): boolean {
    return this.#scores.classOf(peer, now) !== 'unacceptable'
  }

  /** Whether a peer is in the replacement cache and replaces nobody */
  #isIdle ({ entry, place }: KnownPeer<P>): boolean {
    return (place === 'answered' || place === 'named') && this.#replacements.replaces(entry.peer) === undefined
  }

  #setInBuckets (entry: KBucketEntry<P>, inBuckets: boolean): void {
    this.#know(entry).inBuckets = inBuckets
  }

  /** The record of a peer, made if there is none. The peer is placed anew later, as the caller changes the record. */
  #know (entry: KBucketEntry<P>): KnownPeer<P> {
    const known = this.#find(entry.peer) ?? { entry, inBuckets: false, remembered: false, place: undefined, isIndexed: false }

    this.#known.set(entry.peer, known)
    this.#outdated.add(entry.peer)
    this.#named.delete(entry.peer)

    return known
  }

  /** The record of a peer. For a peer without one that is in the replacement cache it is made from its entry there. */
  #find (peer: P): KnownPeer<P> | undefined {
    const known = this.#known.get(peer)
    const entry = known === undefined ? this.#cache.entry(peer) : undefined

    return entry === undefined ? known : { entry, inBuckets: false, remembered: false, place: this.#cache.get(peer), isIndexed: false }
  }

  /** Place anew every peer that changed. This needs the time, which the notices of changes do not carry, so it is done here. */
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

  #place (known: KnownPeer<P>, now: number): void {
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

  /** Put a peer into the trie or take it out. A peer that was only named is in it while it replaces another. */
  #index (known: KnownPeer<P>): void {
    const { entry, inBuckets, remembered, place } = known
    const isIndexed = place !== undefined && (place !== 'named' || this.#replacements.replaces(entry.peer) !== undefined)

    if (isIndexed || inBuckets || remembered) {
      this.#known.set(entry.peer, known)
      this.#named.delete(entry.peer)
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
