import { countOutcome, driftedReliability, rewardOf, unmetPeer } from '../../../../src/score/score-formula.ts'
import { DEFAULTS } from '../../../../src/parameters/score-parameters.ts'
import { LOOKUP_RULES } from '../../../../src/parameters/lookup-parameters.ts'
import { PresenceLaw } from '../../../../src/liveness/presence-law.ts'
import { UPKEEP_RULES } from '../../../../src/parameters/upkeep-parameters.ts'
import { EXPLORES_EVERY } from '../../../../src/upkeep/verification.ts'
import { KadDHTTableRules } from '../kad-dht/kad-dht-table-rules.ts'
import { entryAnswers } from '../table-context.ts'
import { JS_KAD_DHT, PLAYED_EVERY } from '../table-rules.ts'
import type { TableEntries } from '../table-entries.ts'
import type { Outcome } from '../../../../src/score/outcome.ts'
import type { PeerScore } from '../../../../src/score/peer-score.ts'

/** Tables keep no latencies and no reasons of failures. Most failures happen at the dial. */
const ANSWERED: Outcome = { type: 'responded', latencyMs: 0, setupMs: 0, dialled: true }
const FAILED: Outcome = { type: 'dialFailed', class: 'timeout' }

/** The reliability of a peer after its first answer */
const FIRST_RELIABILITY = countOutcome(unmetPeer(0), ANSWERED, DEFAULTS).reliability

/** Tables keep no weights of means either. Each outcome moves a mean by this step, which is the step when the weight has reached its limit. */
const GAIN = 1 / DEFAULTS.weightCap
const REWARDS = { answered: rewardOf(ANSWERED, DEFAULTS), failed: rewardOf(FAILED, DEFAULTS) }

/** The buckets are refreshed once in this many self-queries */
const BUCKETS_EVERY = Math.max(1, Math.round(UPKEEP_RULES.refreshIntervalMs.default / 1000 / JS_KAD_DHT.selfQueryIntervalS))
const MAX_REFRESHED_PREFIX = UPKEEP_RULES.maxRefreshedPrefix.default

/** How many entries are verified between two self-queries. The verifications that explore go to peers of which tables keep nothing. */
const VERIFIED = Math.round((1 - 1 / EXPLORES_EVERY) * 1000 * JS_KAD_DHT.selfQueryIntervalS / UPKEEP_RULES.verifyEveryMs.default)

/** Tables do not learn: they take the published distribution of sessions */
const LAW = new PresenceLaw()

/**
 * The rules of the scored service. Its table is kad-dht's, and each entry has a
 * reliability. The differences to kad-dht: All buckets are refreshed, one after another.
 * A peer that answers a ping counts as pinged. When a leaf is full, unacceptable entries
 * are pinged first (`collectGarbageFirst` of src/kad-dht/overrides). Peers of the node's
 * own neighbourhood that answered are remembered, even when their leaf has no room.
 */
export class ScoredTableRules extends KadDHTTableRules {
  readonly #pinged: number[] = []
  #met = 0

  override refresh (owner: number, round: number, nowS: number): void {
    const { entries, index: { heads } } = this.context
    const { layout } = entries

    // find the closest known peers, from the deepest cell on
    for (let cell = layout.cells('scored') - 1, known = 0; cell >= layout.cells('kad-dht') && known < layout.k; cell--) {
      known += entries.count(owner, cell)
      this.#query(owner, this.closestIn(owner, cell, heads[owner], layout.k, i => isAcceptable(entries, i, nowS)), nowS)
    }

    this.lookUpSelf(owner, nowS)
    this.#verify(owner, nowS)

    if (round % BUCKETS_EVERY !== 0) {
      return
    }

    // from the depth of the network on, the lookup of the node's own kad id has already asked everybody
    for (let shared = 0; shared < layout.depth && shared <= MAX_REFRESHED_PREFIX; shared++) {
      const key = this.context.walked.keyAt(heads[owner], shared)
      const cell = shared < JS_KAD_DHT.prefixBits ? layout.cell('scored', heads[owner], key) : layout.rememberedCell(heads[owner], key)

      this.#query(owner, this.closestIn(owner, cell as number, key, LOOKUP_RULES.alpha.default, i => isAcceptable(entries, i, nowS)), nowS)
      this.askedCount = this.context.walked.ask(key, shared + 1, this.asked)
      this.meet(owner, entries.isFull(owner, cell as number) ? PLAYED_EVERY : 1, nowS)
    }
  }

  /** Ping the entries that have not been seen for the longest, unless they failed since: their presence is the least certain */
  #verify (owner: number, nowS: number): void {
    const { entries, entries: { seenAtS } } = this.context
    const first = entries.start(owner, 0)
    const oldest: number[] = []

    for (let cell = 0; cell < entries.layout.cells('kad-dht'); cell++) {
      for (let i = entries.start(owner, cell); i < entries.end(owner, cell); i++) {
        if (!hasFailed(entries, i)) {
          oldest.push((seenAtS[i] - seenAtS[first]) * 2 ** 16 + i - first)
        }
      }
    }

    const positions = oldest.sort((a, b) => a - b).slice(0, VERIFIED).map(packed => first + ((packed % 2 ** 16) + 2 ** 16) % 2 ** 16)

    this.#query(owner, positions, nowS)
  }

  protected override offer (owner: number, peer: number, nowS: number, dialledUs: boolean): void {
    const { entries, index: { heads } } = this.context

    super.offer(owner, peer, nowS, dialledUs)

    // a peer that dialled us has not answered a request of ours
    if (!dialledUs) {
      noteOutcome(entries, this.cellOf(owner, peer), owner, peer, true, nowS)
      this.#remember(owner, entries.layout.rememberedCell(heads[owner], heads[peer]), peer, nowS)
    }
  }

  /** The same rule as `evictionPings`, without making a list of each cell */
  protected override pinged (owner: number, cell: number, nowS: number): number[] {
    const { entries } = this.context
    const number = entries.cellNumber(owner, cell)
    const pinged = this.#pinged
    pinged.length = 0

    if (nowS < entries.quietUntilS[number]) {
      return pinged
    }

    const { answeredAtS, reliability } = entries
    const start = entries.start(owner, cell)
    const end = entries.end(owner, cell)
    let oldestS = nowS
    let old = 0
    let havePoor = false

    for (let i = start; i < end; i++) {
      oldestS = Math.min(oldestS, answeredAtS[i])
      old += nowS - answeredAtS[i] > JS_KAD_DHT.pingThresholdS ? 1 : 0
      havePoor ||= !isAcceptable(entries, i, nowS)
    }

    // kad-dht pings no peer that was pinged within this time, and we only ping peers that kad-dht would ping
    if (old === 0) {
      entries.quietUntilS[number] = oldestS + JS_KAD_DHT.pingThresholdS + 1
      return pinged
    }

    for (let i = start; i < end; i++) {
      if (havePoor ? !isAcceptable(entries, i, nowS) : nowS - answeredAtS[i] > JS_KAD_DHT.pingThresholdS) {
        pinged.push(i)
      }
    }

    pinged.sort(havePoor ? (a, b) => reliability[a] - reliability[b] : (a, b) => answeredAtS[a] - answeredAtS[b])
    pinged.length = Math.min(pinged.length, old, JS_KAD_DHT.pingedWhenFull)

    return pinged.sort((a, b) => b - a)
  }

  protected override survived (position: number, nowS: number): void {
    this.context.entries.answeredAtS[position] = nowS
    reward(this.context.entries, position, true, nowS)
  }

  protected override added (position: number, nowS: number): void {
    this.context.entries.reliability[position] = FIRST_RELIABILITY
    this.context.entries.outcomeAtS[position] = nowS
    this.context.entries.seenAtS[position] = nowS
  }

  #query (owner: number, positions: number[], nowS: number): void {
    const { entries, index: { heads }, dial } = this.context

    for (const position of positions) {
      const peer = entries.peer[position]
      const answers = entryAnswers(this.context, position, nowS)
      noteOutcome(entries, entries.layout.cell('scored', heads[owner], heads[peer]), owner, peer, answers, nowS)
      noteOutcome(entries, entries.layout.rememberedCell(heads[owner], heads[peer]), owner, peer, answers, nowS)

      if (answers && ++this.#met % PLAYED_EVERY === 0) {
        dial(owner, peer, nowS)
      }
    }
  }

  /** Remember a neighbour that answered. When there is no room, it takes the place of an unacceptable one. */
  #remember (owner: number, cell: number | undefined, peer: number, nowS: number): void {
    const { entries } = this.context

    if (cell === undefined) {
      return
    }

    if (entries.find(owner, cell, peer) !== -1) {
      noteOutcome(entries, cell, owner, peer, true, nowS)
      return
    }

    for (let i = entries.end(owner, cell) - 1; entries.isFull(owner, cell) && i >= entries.start(owner, cell); i--) {
      if (!isAcceptable(entries, i, nowS)) {
        entries.remove(owner, cell, i)
      }
    }

    if (!entries.isFull(owner, cell)) {
      this.added(entries.add(owner, cell, peer, nowS, false), nowS)
    }
  }
}

/**
 * Whether a scored table names an entry, which it does unless the entry's score is
 * unacceptable. In this model, the score is the reliability alone.
 */
export function isAcceptable ({ reliability, outcomeAtS }: TableEntries, position: number, nowS: number): boolean {
  // as time passes, a poor score only gets better, so most entries need no calculation
  if (reliability[position] >= DEFAULTS.unacceptableThreshold) {
    return true
  }

  const score = { reliability: reliability[position], updatedAt: outcomeAtS[position] * 1000 } as PeerScore

  return driftedReliability(score, nowS * 1000, DEFAULTS.recoveryHalfLifeMs) >= DEFAULTS.unacceptableThreshold
}

/** Whether an entry was silent the last time that it was asked */
export function hasFailed ({ outcomeAtS, seenAtS }: TableEntries, position: number): boolean {
  return outcomeAtS[position] > seenAtS[position]
}

/** The chance that an entry answers, 0 to 1; undefined for an unacceptable one */
export function chanceOf (entries: TableEntries, position: number, nowS: number): number | undefined {
  if (!isAcceptable(entries, position, nowS)) {
    return undefined
  }

  return hasFailed(entries, position)
    ? LAW.chance({ type: 'failed', hadAnswered: true, namedSince: false, agoMs: 1000 * (nowS - entries.outcomeAtS[position]) })
    : LAW.chance({ type: 'answered', forMs: 0, namedSince: false, agoMs: 1000 * (nowS - entries.seenAtS[position]) })
}

/** Count an answer or a failure of a peer, if it is an entry of the cell */
function noteOutcome (entries: TableEntries, cell: number | undefined, owner: number, peer: number, answered: boolean, nowS: number): void {
  const position = cell === undefined ? -1 : entries.find(owner, cell, peer)

  if (position !== -1) {
    reward(entries, position, answered, nowS)
  }
}

/** The same calculation as `countOutcome`, starting from where the mean has drifted to. It makes no object, because there are very many entries. */
function reward ({ reliability, outcomeAtS, seenAtS }: TableEntries, position: number, answered: boolean, nowS: number): void {
  const score = { reliability: reliability[position], updatedAt: outcomeAtS[position] * 1000 } as PeerScore
  const mean = driftedReliability(score, nowS * 1000, DEFAULTS.recoveryHalfLifeMs)

  if (answered) {
    seenAtS[position] = nowS
  }

  reliability[position] = mean + ((answered ? REWARDS.answered : REWARDS.failed) - mean) * GAIN
  outcomeAtS[position] = nowS
}
