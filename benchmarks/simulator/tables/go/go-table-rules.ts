import { sharedBits } from '../key-index.ts'
import { entryAnswers } from '../table-context.ts'
import { ANSWERS_IN_TIME, GO_KAD_DHT, PLAYED_EVERY, goGracePeriodS } from '../table-rules.ts'
import type { TableContext, TableRules } from '../table-context.ts'
import type { Random } from '../../../random/random.ts'

/** When a part of the keyspace has at most this many times k nodes, its bucket holds most of the nodes that are closest to a key */
const SEES_ALL_PER_K = 2

/** The share of hanging peers is a running mean. Each lookup has this weight in it. */
const SHARE_MEMORY = 1e-3

/**
 * The rules of go-libp2p-kad-dht and go-libp2p-kbucket. A peer enters when it has
 * answered a query and its bucket has room (`addPeer`). So does a peer that dialled us
 * and then answered a query (`peerFound`). A peer leaves when it fails a query
 * (`queryPeer`) or a ping (`pingAndEvictPeers`). No entry is replaced by another peer,
 * except in the minute after the first refresh.
 *
 * A query only fails when its dial ends before the lookup does, and a lookup only waits
 * for the closest peers. So a peer that vanished mostly stays in the table until the
 * grace period since its last answer is over. Then it is pinged.
 */
export class GoTableRules implements TableRules {
  readonly intervalS = GO_KAD_DHT.refreshIntervalS
  readonly #context: TableContext
  readonly #graceS: number
  readonly #depth: number
  readonly #random: Random
  /** Whether all nodes follow these rules */
  readonly #isAlone: boolean
  /** The peers that a lookup asks. Only the first part of the list is in use. */
  readonly #asked: number[] = []
  #askedCount = 0
  /** For each peer in `#asked`: 1 when it is no entry, as far as the entries have been compared */
  readonly #isNew: Uint8Array
  /** Positions of the entries that a lookup asks first. Their distances are in the array below, ascending. */
  readonly #wave = new Uint32Array(GO_KAD_DHT.alpha)
  readonly #distances = new Uint32Array(GO_KAD_DHT.alpha)
  #waveSize = 0
  /** Of the entries near a key: the share from which nothing comes back */
  #hangingShare = 0

  constructor (context: TableContext) {
    this.#context = context
    this.#graceS = goGracePeriodS(context.k)
    this.#depth = context.entries.layout.depth
    this.#random = context.random
    this.#isNew = new Uint8Array(context.index.size)
    this.#isAlone = context.entries.areAll('go-kad-dht')
  }

  /** `loop` and `doRefresh` of the refresh manager: first the pings, then a lookup of the node's own kad id, then the buckets that are due */
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

      // after an empty bucket, the refresh only goes on to twice the number of that bucket
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

    // the bucket is full, so the peer cannot enter, and of a peer that can be dialled nothing has to be noted
    if (presence.dialable[from] === 1 && entries.isFull(owner, cell)) {
      return
    }

    if (!entries.has(owner, cell, from)) {
      this.#admit(owner, cell, from, nowS, true)
    } else if (presence.dialable[from] === 0) {
      // a peer that can be dialled needs no open connection
      entries.dialledUsAtS[entries.find(owner, cell, from)] = nowS
    }
  }

  #admit (owner: number, cell: number, peer: number, nowS: number, dialledUs: boolean): void {
    const { entries, index: { heads }, k } = this.#context

    // in the deepest cell, each prefix length is a bucket of its own
    if (entries.isFull(owner, cell) ||
      (entries.count(owner, cell) >= k && this.#countAt(owner, sharedBits(heads[owner], heads[peer])) >= k)) {
      return
    }

    entries.add(owner, cell, peer, nowS, dialledUs)
  }

  /** `pingAndEvictPeers`. A ping that succeeds changes nothing. */
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

  /** Look up the node's own kad id. The closest known peers are asked, and so are the peers that really are closest. */
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

  /** Look up a random key in a bucket's part of the keyspace (`refreshCpl`) */
  #lookUp (owner: number, shared: number, nowS: number): void {
    const { entries, index: { heads }, walked, k } = this.#context

    // the lookup of the node's own kad id has just been in this part
    if (shared >= this.#depth) {
      return
    }

    const key = walked.keyAt(heads[owner], shared)
    const isFar = walked.population(key, shared + 1) > SEES_ALL_PER_K * k
    // only some of these meetings are played. With other implementations in the network all are needed,
    // because their nodes ping somebody whenever they are dialled.
    const every = isFar && this.#isAlone && entries.isFull(owner, shared) ? PLAYED_EVERY : 1

    this.#waveSize = 0
    this.#rank(owner, shared, key)
    this.#askedCount = walked.ask(key, shared + 1, this.#asked, every)

    if (isFar) {
      // such a lookup lasts long enough for all of its first wave to answer, and it ends among peers that the
      // node does not know
      const waits = this.#random() < 1 - (1 - this.#hangingShare) ** GO_KAD_DHT.beta

      this.#query(owner, waits, 1, nowS, every)
    } else {
      this.#queryNear(owner, key, nowS)
    }

    this.#meet(owner, nowS)
  }

  /** Add those entries of a cell to the first wave of a lookup that are among the alpha closest to its key */
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
   * Ask the first wave of a lookup that ends among peers that the node knows. The lookup
   * waits when nothing comes back from one of the beta closest peers.
   */
  #queryNear (owner: number, key: number, nowS: number): void {
    const { index: { heads } } = this.#context
    let waits = false
    let hanging = 0

    for (let rank = 0; rank < this.#waveSize; rank++) {
      if (!this.#hangs(this.#wave[rank], nowS)) {
        continue
      }

      // count the closer peers: the hanging ones before this one, and those that the lookup finds in the end
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
   * Ask the first wave of a lookup. A dial that is refused removes the entry
   * (`queryPeer`). A dial to which nothing comes back fails after 5 s
   * (`defaultConnectTimeout` of go-libp2p's TCP). It removes the entry only if the lookup
   * lasts that long, because the end of a lookup aborts its requests. A dial that is
   * accepted and then stalls would fail after 15 s (`defaultDialTimeout` of its swarm).
   * It never removes the entry, because a lookup of a refresh ends after 10 s
   * (`RefreshQueryTimeout`).
   *
   * @param waits - Whether the lookup waits for a peer that does not answer
   * @param inTime - Probability that a peer which answers does so before the lookup ends
   * @param every - Of the peers that answer, only every n-th is told that it was dialled
   */
  #query (owner: number, waits: boolean, inTime: number, nowS: number, every = 1): void {
    const { entries, presence: { refusing, stalling }, index: { heads } } = this.#context

    // start from the last position, because entries behind a removed one move up
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

  /** Whether nothing comes back from an entry for longer than a lookup lasts */
  #hangs (position: number, nowS: number): boolean {
    const { entries, presence: { refusing } } = this.#context

    return !entryAnswers(this.#context, position, nowS) && refusing[entries.peer[position]] === 0
  }

  /** Meet the peers that a lookup asked */
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

  /**
   * The peers that a lookup asked have answered. For those that are entries, the time of
   * the answer is noted. One pass over their cells finds the entries, and the peers that
   * are left are new.
   */
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

  /** The longest common prefix of the owner and an entry. Up to the deepest cell, the number of the cell tells it. */
  #longestPrefix (owner: number): number {
    const { entries } = this.#context

    for (let cell = this.#depth; cell > 0; cell--) {
      if (entries.count(owner, cell) > 0) {
        return cell
      }
    }

    return 0
  }

  /** The number of entries of one common prefix length */
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

/** Sort the first numbers of an array in place */
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
