import { validateRoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import { validateScoreParameters } from '../parameters/score-parameters.ts'
import { CERTAIN } from '../liveness/presence-law.ts'
import { Presence } from '../liveness/presence.ts'
import { signsOf } from '../liveness/signs.ts'
import { Contacts } from './contacts.ts'
import { highestScores } from './highest-scores.ts'
import { NamedPeers } from './named-peers.ts'
import { PeerPlaces } from './peer-places.ts'
import { PeerScores } from './peer-scores.ts'
import type { NamedPeer } from './named-peers.ts'
import type { KBucketEntry, KBuckets } from './k-buckets.ts'
import type { Contact } from './contacts.ts'
import type { Whereabouts } from './peer-places.ts'
import type { Introduction } from './replacement-cache.ts'
import type { RequestFacts } from './request-facts.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { RoutingTableParameters } from '../parameters/routing-table-parameters.ts'
import type { ScoreParameters, ScoreParametersInit } from '../parameters/score-parameters.ts'
import type { ExplainedScore } from '../score/explain-score.ts'
import type { Outcome } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * What a `ScoredRoutingTable` is made of
 */
export interface ScoredRoutingTableInit<P extends string | number> extends Partial<RoutingTableParameters> {
  /** The k-buckets that the table wraps. It never changes them. */
  buckets: KBuckets<P>
  /** This node itself, which never gets a place in the table */
  localPeer: P
  /** How outcomes turn into scores, where that differs from the defaults */
  parameters?: ScoreParametersInit
  /**
   * Whether a peer is known not to speak the protocol. Such a peer takes no part, whatever its score.
   *
   * @default Nobody is excluded
   */
  excludes?: (peer: P) => boolean
  /** Called for each peer whose score changed, that was forgotten, or that was named and has no score */
  onChange?: (peer: P) => void
  /** Called for each outcome that counts, after it was counted */
  onOutcome?: (peer: P, outcome: Outcome) => void
}

/**
 * Why a peer has its score, and where it is in the table
 */
export interface TableExplanation<P> extends ExplainedScore {
  whereabouts: Whereabouts<P>
  /** The chance that it answers now, 0.01 to 0.99 */
  chance: number
}

/**
 * A routing table that remembers which peers are worth asking: Kademlia's k-buckets, the
 * scores of the peers, and the replacements of the poor ones.
 *
 * A peer is an opaque handle (a string or a number) with a kad id of 32 bytes. Each
 * time (`now`) is ms by one clock that never goes back; that of `dht.scoredRoutingTable`
 * is `performance.timeOrigin + performance.now()`.
 *
 * @example
 * ```ts
 * const table = node.services.dht.scoredRoutingTable
 * const now = performance.timeOrigin + performance.now()
 *
 * // whom a lookup of this key would ask first
 * const candidates = table.candidates(kadId, 20, now)
 *
 * // why the first of them has its score, and where it is in the table
 * const { score, reasons, whereabouts } = table.why(candidates[0].peer, now)
 * ```
 */
export class ScoredRoutingTable<P extends string | number> {
  /** The scores of all peers that we know */
  readonly scores: PeerScores<P>
  /** How outcomes turn into scores */
  readonly parameters: ScoreParameters

  readonly #buckets: KBuckets<P>
  readonly #places: PeerPlaces<P>
  readonly #presence = new Presence<P>()
  readonly #named: NamedPeers<P>
  readonly #contacts: Contacts<P>
  readonly #excludes: (peer: P) => boolean
  readonly #onChange: (peer: P) => void
  readonly #onOutcome: (peer: P, outcome: Outcome) => void

  /**
   * @throws {InvalidParametersError} A parameter is unknown or out of its range
   */
  constructor ({ buckets, localPeer, parameters, excludes = () => false, onChange = () => {}, onOutcome = () => {}, ...numbers }: ScoredRoutingTableInit<P>) {
    this.parameters = validateScoreParameters(parameters)
    this.#buckets = buckets
    this.#excludes = excludes
    this.#onChange = onChange
    this.#onOutcome = onOutcome
    this.scores = new PeerScores({
      parameters: this.parameters,
      onChange: peer => {
        this.#places.scoreChanged(peer)
        onChange(peer)
      },
      onEvict: peer => { this.#forgotten(peer) },
      onOutcome: (peer, outcome, now, context) => {
        if (context.isLate) {
          this.#presence.answeredLate(peer)
        } else {
          this.#presence.ended(peer, outcome, signsOf(context.before, this.#namedAt(peer), now))
        }

        this.#counted(peer, outcome, now)
      },
      onTakenBack: peer => { this.#presence.takenBack(peer) }
    })
    this.#contacts = new Contacts(this.parameters.maxPeers, peer => this.scores.has(peer))
    const { maxNamedPeers } = validateRoutingTableParameters(numbers)
    this.#named = new NamedPeers(maxNamedPeers, peer => {
      // what is kept of a peer is its score, if it has one
      if (!this.scores.has(peer)) {
        onChange(peer)
      }
    })
    this.#places = new PeerPlaces({ ...numbers, buckets, localPeer, scores: this.scores, named: this.#named, chanceOf: (peer, now) => this.chanceOf(peer, now) })
  }

  /**
   * Count the outcome of a request or a ping. It moves the score of the peer, and may
   * change its place. An outcome that may be due to our own outage is held back until that
   * is decided.
   */
  record (entry: KBucketEntry<P>, outcome: Outcome, now: number, facts?: RequestFacts<P>): void {
    this.#contacts.meet(entry)
    this.scores.record(entry.peer, outcome, now, facts)
  }

  /**
   * Count an outcome that came after a failure had been recorded for the same request. The
   * outcome replaces the failure.
   */
  recordLate (entry: KBucketEntry<P>, outcome: Outcome, now: number, facts?: RequestFacts<P>): void {
    this.#contacts.meet(entry)
    this.scores.recordLate(entry.peer, outcome, now, facts)
  }

  /**
   * Take in a peer from a store. Restore the peers in the order of the last change of their
   * scores, the oldest first: beyond `maxPeers`, those that were restored first are forgotten.
   *
   * @throws {RangeError} A field of the score is not a number or out of its range
   */
  restore (entry: KBucketEntry<P>, score: Readonly<PeerScore>): void {
    this.scores.restore(entry.peer, score)
    this.#contacts.meet(entry)
    this.#places.remember(entry)
  }

  /**
   * A peer answered us, or was named to us. Unless it has a place already or is
   * unacceptable, it enters the replacement cache.
   */
  heardOf (entry: KBucketEntry<P>, how: Introduction, now: number): void {
    this.#places.heardOf(entry, how, now)
  }

  /**
   * A peer was named to us in an answer. It is remembered until it is asked, or until there
   * are too many: one leaves then of those of the referrer that has named the most of them.
   *
   * @param referrer - Who has answered
   */
  namedBy (entry: KBucketEntry<P>, referrer: P, now: number): void {
    const contact = this.#contacts.get(entry.peer)

    if (contact !== undefined) {
      contact.namedAt = now
    }

    if (!this.#excludes(entry.peer)) {
      this.#places.namedBy(entry, referrer, now)
    }
  }

  /**
   * The chance that a peer would answer now, 0.01 to 0.99, by what was seen of it last, and
   * by what became of our requests to others of which the same was seen
   */
  chanceOf (peer: P, now: number): number {
    return this.#presence.chance(signsOf(this.scores.get(peer), this.#namedAt(peer), now))
  }

  /**
   * Take in a peer from a store that was named and has no score. Restore those that were
   * named longest ago first, after the peers that have a score.
   *
   * @param referrer - Who named it first
   * @param namedAt - When it was last named, ms
   */
  restoreNamed (entry: KBucketEntry<P>, referrer: P, namedAt: number): void {
    if (!this.#excludes(entry.peer)) {
      this.#places.restoreNamed(entry, referrer, namedAt)
    }
  }

  /** The peers that were named to us and that we have not asked */
  namedPeers (): Iterable<P> {
    return this.#named.peers()
  }

  /**
   * A peer that was named to us and that we have not asked, and who named it; undefined for any other
   */
  namedPeer (peer: P): NamedPeer<P> | undefined {
    return this.#named.get(peer)
  }

  /**
   * The `n` closest acceptable peers that were named to us and that we have not asked, by
   * ascending distance. A lookup begins with them, too. They take nobody's place.
   */
  namedCandidates (target: KadId, n: number, now: number): Array<KBucketEntry<P>> {
    return this.#places.namedCandidates(target, n, now)
  }

  /**
   * The peers to start a lookup with: the `n` closest acceptable peers, by ascending
   * distance, from the buckets, the remembered and the replacements in use. Where there
   * are fewer than `n`, the closest poor peers follow.
   */
  candidates (target: KadId, n: number, now: number): Array<KBucketEntry<P>> {
    return this.#places.candidates(target, n, now)
  }

  /**
   * The peers to name in a reply, at most `count`, by ascending distance. They are chosen
   * from the 2 * `count` closest that we know: the acceptable ones that are the likeliest there,
   * and, if these are too few, the closest poor ones.
   *
   * @param options.count - @default k
   * @param options.exclude - Not to be named, such as the peer that asks
   */
  named (target: KadId, options: { count?: number, exclude?: ReadonlySet<P> }, now: number): Array<KBucketEntry<P>> {
    return this.#places.named(target, options, now)
  }

  /**
   * The good peers among the `n` peers with the highest scores, best first. Looks at all
   * scores.
   */
  best (n: number, now: number): Array<{ peer: P, score: number }> {
    return this.scores.top(n, now).filter(({ peer }) => this.scores.classOf(peer, now) === 'good' && !this.#excludes(peer))
  }

  /**
   * The `n` peers in the k-buckets whose presence is the least certain, the least certain
   * first. Those that are certain to 95%, to be there or not, are left out. Looks at all
   * peers in the k-buckets.
   */
  leastCertain (n: number, now: number): P[] {
    const chances = Array.from(this.#buckets.entries(), ({ peer }): [P, number] => [peer, this.chanceOf(peer, now)])
    const uncertain = chances.filter(([, chance]) => Math.max(chance, 1 - chance) < CERTAIN)

    return highestScores(uncertain, n, chance => chance * (1 - chance)).map(({ peer }) => peer)
  }

  /** The `n` peers with a score whose record has not changed for the longest, the longest first, and not since a time, ms */
  longestUnasked (n: number, since: number): P[] {
    const peers: P[] = []

    for (const [peer, { updatedAt }] of this.scores.entries()) {
      if (peers.length >= n || updatedAt > since) {
        break
      }

      peers.push(peer)
    }

    return peers
  }

  /**
   * Forget what was learned of a peer. A peer in the buckets stays there.
   */
  forget (peer: P): void {
    this.scores.delete(peer)
    this.#forgotten(peer)
  }

  /**
   * Why a peer has its score, and where it is in the table
   */
  why (peer: P, now: number): TableExplanation<P> {
    return { ...this.scores.explain(peer, now), whereabouts: this.#places.why(peer, now), chance: this.chanceOf(peer, now) }
  }

  /**
   * Whether a peer is in the buckets or remembered as good, and not unacceptable. A peer that no longer speaks the protocol is not.
   */
  isReliable (peer: P, now: number): boolean {
    return this.#places.isReliable(peer, now)
  }

  /**
   * What is known of a peer besides its score; undefined when nothing is
   */
  contact (peer: P): Readonly<Contact<P>> | undefined {
    return this.#contacts.get(peer)
  }

  /**
   * A peer no longer speaks the protocol. It takes no part until it is admitted or
   * answers again. A peer in the buckets stays there until it is removed from them.
   */
  leave (peer: P): void {
    this.#places.leave(peer)
  }

  /**
   * A peer speaks the protocol again
   */
  admit (peer: P): void {
    const contact = this.#contacts.get(peer)

    if (contact !== undefined && this.scores.has(peer)) {
      this.#places.remember(contact)
    }
  }

  /**
   * Read the buckets anew, after they changed without a notice to the table
   */
  readBuckets (): void {
    this.#places.reset()
  }

  /**
   * The poor peers in the buckets and among the remembered. Each comes with its
   * replacement, or with undefined while there is none. Looks at all poor peers.
   */
  replacements (now: number): Array<{ poor: P, replacement: P | undefined }> {
    return this.#places.replacements(now)
  }

  /** How many replacements are in use */
  replacementsInUse (now: number): number {
    return this.#places.replacementsInUse(now)
  }

  /** How many good peers there are in the buckets and among the remembered */
  goodPeers (now: number): number {
    return this.#places.goodPeers(now)
  }

  /** Whether there are fewer good peers than `minGoodPeers` */
  needsGoodPeers (now: number): boolean {
    return this.#places.needsGoodPeers(now)
  }

  /**
   * Whom to ping first when a new peer wants to enter a full bucket: at most `n` of the
   * poor peers of the bucket, the lowest score first. Peers with the same score keep the
   * order given.
   */
  evictionCandidates (bucketPeers: readonly P[], n: number, now: number): P[] {
    return this.#places.evictionCandidates(bucketPeers, n, now)
  }

  #namedAt (peer: P): number | undefined {
    return this.#named.get(peer)?.namedAt ?? this.#contacts.get(peer)?.namedAt
  }

  #counted (peer: P, outcome: Outcome, now: number): void {
    const contact = this.#contacts.get(peer)

    // a contact can be missing here, since those of peers without a score leave when there are too many
    if (contact !== undefined) {
      contact.triedAt = now
      contact.failsFast = outcome.type === 'dialFailed' && outcome.class === 'refused'
    }

    this.#onOutcome(peer, outcome)

    if (contact === undefined || this.#excludes(peer)) {
      return
    }

    // a peer with a score is remembered, and takes part in lookups while that score is good
    if (this.scores.has(peer)) {
      this.#places.remember(contact)
    }

    if (outcome.type === 'responded' || outcome.type === 'stored') {
      this.#places.heardOf(contact, 'answered', now)
    }
  }

  #forgotten (peer: P): void {
    this.#places.forget(peer)
    this.#contacts.forget(peer)
    this.#onChange(peer)
  }
}
