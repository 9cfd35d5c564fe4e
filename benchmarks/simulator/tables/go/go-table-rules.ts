import { sharedBits } from '../key-index.ts'
import { entryAnswers } from '../table-context.ts'
import { ANSWERS_IN_TIME, GO_KAD_DHT, PLAYED_EVERY, goGracePeriodS } from '../table-rules.ts'
import type { TableContext, TableRules } from '../table-context.ts'
import type { Random } from '../../../random/random.ts'

/** In a part of the keyspace with so many times k nodes or fewer, a bucket holds most of those that are closest to a key */
const SEES_ALL_PER_K = 2

/** The share of hanging peers is a mean over about the inverse of so many lookups */
const SHARE_MEMORY = 1e-3

/**
 * go-libp2p-kad-dht and go-libp2p-kbucket: a peer that answered a query, or dialled
 * us and answered one then, enters when its bucket has room (`addPeer`, `peerFound`);
 * one that fails a query (`queryPeer`) or a ping (`pingAndEvictPeers`) leaves. Nobody
 * is replaced: entries are replaceable only in the minute after the first refresh.
 *
 * A query fails only if its dial comes to an end before the lookup does, which waits for
 * none but the closest peers: a peer that went away without a trace mostly stays until
 * the grace period since its last answer is over and it is pinged.
 */
export class GoTableRules implements TableRules {
  readonly intervalS = GO_KAD_DHT.refreshIntervalS
  readonly #context: TableContext
  readonly #graceS: number
  readonly #depth: number
  readonly #random: Random
  /** Whether everybody follows these rules */
  readonly #isAlone: boolean
  /** Whom a lookup came to ask: the first so many */
  readonly #asked: number[] = []
  #askedCount = 0
  /** 1 for those of them that are no entries, as far as has been looked */
  readonly #isNew: Uint8Array
  /** Positions of the entries that a lookup asks first, and their distances, ascending */
  readonly #wave = new Uint32Array(GO_KAD_DHT.alpha)
  readonly #distances = new Uint32Array(GO_KAD_DHT.alpha)
  #waveSize = 0
  /** Of those near a key, the share from which nothing comes back */
  #hangingShare = 0

  constructor (context: TableContext) {
    this.#context = context
    this.#graceS = goGracePeriodS(context.k)
    this.#depth = context.entries.layout.depth
    this.#random = context.random
    this.#isNew = new Uint8Array(context.index.size)
    this.#isAlone = context.entries.areAll('go-kad-dht')
  }

  /** `loop` and `doRefresh` of the refresh manager: pings, a lookup of oneself, then the buckets that are due */
  refresh (owner: number, round: number, nowS: number): void {
    if (round > 0) {
      this.#pingOld(owner, nowS)
    }

    this.#lookUpSelf(owner, nowS)

    if (round % GO_KAD_DHT.refreshesPerBucketLookup !== 0) {
      return
    }

    const last = Math.min(this.#longestPrefix(owner), GO_KAD_DHT.maxRefreshedPrefix)

    for (let shared = 0; shared <= last; shared++) {
      this.#lookUp(owner, shared, nowS)

      // behind a gap only twice as far
      if (this.#countAt(owner, shared) === 0) {
        const end = Math.min(2 * (shared + 1), last)

        for (let beyond = shared + 1; beyond <= end; beyond++) {
          this.#lookUp(owner, beyond, nowS)
        }

        return
      }
    }
  }

  met (owner: number, peer: number, nowS: number): void {
    const { entries, index: { heads } } = this.#context
    const cell = entries.layout.cell('go-kad-dht', heads[owner], heads[peer])

    if (entries.isFull(owner, cell)) {
      return
    }

    const position = entries.find(owner, cell, peer)

    if (position === -1) {
      this.#admit(owner, cell, peer, nowS, false)
    } else {
      entries.answeredAtS[position] = nowS
    }
  }

  dialled (owner: number, from: number, nowS: number): void {
    const { entries, index: { heads }, presence } = this.#context
    const cell = Math.min(sharedBits(heads[owner], heads[from]), this.#depth)

    // nothing would come of it: spare the search
    if (presence.dialable[from] === 1 && entries.isFull(owner, cell)) {
      return
    }

    if (!entries.has(owner, cell, from)) {
      this.#admit(owner, cell, from, nowS, true)
    } else if (presence.dialable[from] === 0) {
      // who can be dialled needs no connection that stands
      entries.dialledUsAtS[entries.find(owner, cell, from)] = nowS
    }
  }

  #admit (owner: number, cell: number, peer: number, nowS: number, dialledUs: boolean): void {
    const { entries, index: { heads }, k } = this.#context

    // in the deepest cell each prefix length is a bucket of its own
    if (entries.isFull(owner, cell) ||
      (entries.count(owner, cell) >= k && this.#countAt(owner, sharedBits(heads[owner], heads[peer])) >= k)) {
      return
    }

    entries.add(owner, cell, peer, nowS, dialledUs)
  }

  /** `pingAndEvictPeers`: a ping that succeeds changes nothing */
  #pingOld (owner: number, nowS: number): void {
    const { entries, entries: { answeredAtS } } = this.#context
    const before = nowS - this.#graceS

    for (let cell = 0; cell <= this.#depth; cell++) {
      const start = entries.start(owner, cell)

      for (let i = entries.end(owner, cell) - 1; i >= start; i--) {
        if (answeredAtS[i] < before && !entryAnswers(this.#context, i, nowS)) {
          entries.remove(owner, cell, i)
        }
      }
    }
  }

  /** The closest peers that we know are asked, and those that are closest indeed */
  #lookUpSelf (owner: number, nowS: number): void {
    const { entries, index: { heads }, walked, k } = this.#context
    this.#waveSize = 0

    for (let cell = this.#depth, known = 0; cell >= 0 && known < k; cell--) {
      known += entries.count(owner, cell)
      this.#rank(owner, cell, heads[owner])
    }

    this.#askedCount = walked.askNeighbours(owner, this.#asked)
    this.#queryNear(owner, heads[owner], nowS)
    this.#meet(owner, nowS)
  }

  /** A lookup of a random key in a bucket's part of the keyspace (`refreshCpl`) */
  #lookUp (owner: number, shared: number, nowS: number): void {
    const { entries, index: { heads }, walked, k } = this.#context

    // there the lookup of oneself has just been
    if (shared >= this.#depth) {
      return
    }

    const key = walked.keyAt(heads[owner], shared)
    const isFar = walked.population(key, shared + 1) > SEES_ALL_PER_K * k
    // others ping somebody when they are dialled, full or not
    const every = isFar && this.#isAlone && entries.isFull(owner, shared) ? PLAYED_EVERY : 1

    this.#waveSize = 0
    this.#rank(owner, shared, key)
    this.#askedCount = walked.ask(key, shared + 1, this.#asked, every)

    if (isFar) {
      // the way is long enough for all of the first wave to answer; the end of it is among strangers
      const waits = this.#random() < 1 - (1 - this.#hangingShare) ** GO_KAD_DHT.beta

      this.#query(owner, waits, 1, nowS, every)
    } else {
      this.#queryNear(owner, key, nowS)
    }

    this.#meet(owner, nowS)
  }

  /** Take the entries of a cell into the first wave of a lookup, if they are among the alpha closest to its key */
  #rank (owner: number, cell: number, key: number): void {
    const { entries: { peer }, entries, index: { heads } } = this.#context
    const wave = this.#wave
    const distances = this.#distances
    const end = entries.end(owner, cell)

    for (let i = entries.start(owner, cell); i < end; i++) {
      const distance = (heads[peer[i]] ^ key) >>> 0

      if (this.#waveSize < GO_KAD_DHT.alpha) {
        this.#waveSize++
      } else if (distances[GO_KAD_DHT.alpha - 1] <= distance) {
        continue
      }

      let rank = this.#waveSize - 1

      while (rank > 0 && distances[rank - 1] > distance) {
        wave[rank] = wave[rank - 1]
        distances[rank] = distances[rank - 1]
        rank--
      }

      wave[rank] = i
      distances[rank] = distance
    }
  }

  /**
   * Ask the first wave of a lookup whose end is among peers that we know: it waits
   * where one of the beta closest of all hangs
   */
  #queryNear (owner: number, key: number, nowS: number): void {
    const { index: { heads } } = this.#context
    let waits = false
    let hanging = 0

    for (let rank = 0; rank < this.#waveSize; rank++) {
      if (!this.#hangs(this.#wave[rank], nowS)) {
        continue
      }

      // how many that answer are closer, of those found in the end
      const distance = this.#distances[rank]
      let closer = hanging

      while (closer - hanging < this.#askedCount && ((heads[this.#asked[closer - hanging]] ^ key) >>> 0) < distance) {
        closer++
      }

      waits ||= closer < GO_KAD_DHT.beta
      hanging++
    }

    if (this.#waveSize > 0) {
      this.#hangingShare += SHARE_MEMORY * (hanging / this.#waveSize - this.#hangingShare)
    }

    this.#query(owner, waits, waits ? 1 : ANSWERS_IN_TIME, nowS)
  }

  /**
   * Ask the first wave of a lookup. A dial that is refused evicts (`queryPeer`); one to
   * which nothing comes back, which fails after 5 s (`defaultConnectTimeout` of go-libp2p's
   * TCP), does so only when the lookup lasts as long, as its end aborts what is under way;
   * one that is accepted and then stalls (15 s, `defaultDialTimeout` of its swarm) never
   * does, as a lookup for a refresh has 10 s (`RefreshQueryTimeout`).
   *
   * @param waits - Whether the lookup waits for a peer that does not answer
   * @param inTime - How likely one that answers does so before the end
   * @param every - Of those that answer, every so many is told that it was dialled
   */
  #query (owner: number, waits: boolean, inTime: number, nowS: number, every = 1): void {
    const { entries, presence: { refusing, stalling }, index: { heads } } = this.#context

    // from the last position on, as those after one that leaves move up
    sortDescending(this.#wave, this.#waveSize)

    for (let i = 0; i < this.#waveSize; i++) {
      const position = this.#wave[i]
      const peer = entries.peer[position]

      if (entryAnswers(this.#context, position, nowS)) {
        if (inTime === 1 || this.#random() < inTime) {
          entries.answeredAtS[position] = nowS
        }

        if (i % every === 0) {
          this.#context.dial(owner, peer, nowS)
        }
      } else if (refusing[peer] === 1 || (waits && stalling[peer] === 0)) {
        entries.remove(owner, entries.layout.cell('go-kad-dht', heads[owner], heads[peer]), position)
      }
    }
  }

  /** Whether nothing comes back from an entry, for so long that a lookup is over before */
  #hangs (position: number, nowS: number): boolean {
    const { entries, presence: { refusing } } = this.#context

    return !entryAnswers(this.#context, position, nowS) && refusing[entries.peer[position]] === 0
  }

  /** Peers that a lookup came to ask */
  #meet (owner: number, nowS: number): void {
    const { dial } = this.#context

    this.#noteAnswers(owner, nowS)

    for (let i = 0; i < this.#askedCount; i++) {
      const peer = this.#asked[i]

      if (this.#isNew[peer] === 1) {
        this.#isNew[peer] = 0
        this.met(owner, peer, nowS)
      }

      if (peer !== owner) {
        dial(owner, peer, nowS)
      }
    }
  }

  /** Those whom a lookup asked have answered, which is noted of entries. One pass over their cells finds these; who is left is new. */
  #noteAnswers (owner: number, nowS: number): void {
    const { entries, entries: { peer, answeredAtS }, index: { heads } } = this.#context
    let first = this.#depth
    let last = 0

    for (let i = 0; i < this.#askedCount; i++) {
      const cell = entries.layout.cell('go-kad-dht', heads[owner], heads[this.#asked[i]])

      this.#isNew[this.#asked[i]] = 1
      first = Math.min(first, cell)
      last = Math.max(last, cell)
    }

    this.#isNew[owner] = 0

    for (let cell = first; cell <= last; cell++) {
      if (entries.isFull(owner, cell)) {
        continue
      }

      const end = entries.end(owner, cell)

      for (let i = entries.start(owner, cell); i < end; i++) {
        if (this.#isNew[peer[i]] === 1) {
          this.#isNew[peer[i]] = 0
          answeredAtS[i] = nowS
        }
      }
    }
  }

  /** The longest common prefix with an entry; as far as the deepest cell there is no need to look closer */
  #longestPrefix (owner: number): number {
    const { entries } = this.#context

    for (let cell = this.#depth; cell > 0; cell--) {
      if (entries.count(owner, cell) > 0) {
        return cell
      }
    }

    return 0
  }

  /** Entries of one common prefix length */
  #countAt (owner: number, shared: number): number {
    const { entries, index: { heads } } = this.#context

    if (shared < this.#depth) {
      return entries.count(owner, shared)
    }

    let count = 0

    for (let i = entries.start(owner, this.#depth); i < entries.end(owner, this.#depth); i++) {
      count += sharedBits(heads[owner], heads[entries.peer[i]]) === shared ? 1 : 0
    }

    return count
  }
}

/** Sort the first few numbers of an array in place */
function sortDescending (numbers: Uint32Array, count: number): void {
  for (let sorted = 1; sorted < count; sorted++) {
    const number = numbers[sorted]
    let i = sorted

    while (i > 0 && numbers[i - 1] < number) {
      numbers[i] = numbers[i - 1]
      i--
    }

    numbers[i] = number
  }
}
