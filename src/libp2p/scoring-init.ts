import type { LookupStep } from './lookup/lookup-runner.ts'
import type { LookupParametersInit } from '../parameters/lookup-parameters.ts'
import type { LevelScoreStoreInit } from '../persistence/level-score-store.ts'
import type { ScoreParametersInit } from '../parameters/score-parameters.ts'
import type { ScoreStore } from '../persistence/score-store.ts'
import type { PeerSelector } from '../selection/peer-selector.ts'

/**
 * Everything about scoring; all of it is optional
 */
export interface ScoringInit {
  /**
   * Directory of the LevelDB store that keeps the scores. One process at a time can
   * use it, and each DHT of a node needs its own. A damaged one is renamed.
   *
   * @default the node's datastore keeps them
   */
  location?: string

  /**
   * Keep the scores in this database of yours instead, such as a `memory-level`.
   * Each DHT protocol of each node has its own sublevel. It is neither opened nor closed by us.
   */
  level?: Extract<LevelScoreStoreInit, { db: unknown }>['db']

  /**
   * Keep the scores in this store of yours instead. It is opened when the node starts and
   * closed when it stops, and both happen again after a failure: `open` and `close` must
   * bear that. Each DHT of each node needs a store of its own. One that throws or hangs
   * costs the scores and never the node, unless `strictStore` is set.
   * `testScoreStore` of `libp2p-scored-routing/testing` tells whether it does what a store must do.
   */
  store?: ScoreStore

  /**
   * Whether the node refuses to start, with a `ScoreStoreError`, while its scores can't be
   * read; a damaged store is then left where it is. Otherwise the node runs without them,
   * says so in the log, and tries again. A node that runs or stops is never held up.
   *
   * @default false
   */
  strictStore?: boolean

  /**
   * How outcomes turn into scores
   */
  parameters?: ScoreParametersInit

  /**
   * How lookups go about their work. `k`, `alpha` and `disjointPaths` come from
   * kad-dht's options of these names (`kBucketSize` for `k`) where they are given;
   * otherwise a lookup has one path and an alpha of 20.
   */
  lookup?: Omit<LookupParametersInit, 'k' | 'alpha' | 'disjointPaths'>

  /**
   * Share of choices that explore, 0 to 1. It belongs to the epsilon-greedy selector and
   * is refused beside a `selector`.
   *
   * @default 0.2
   */
  epsilon?: number

  /**
   * Decides whom to ask next, in place of the epsilon-greedy selector. When it makes a
   * choice that was not offered, the best candidate is asked instead, an
   * `InvalidSelectorError` is logged once, and `…_score_invalid_choices_total` counts it.
   * An error that it throws ends the lookup and reaches whoever started that.
   * `testPeerSelector` of `libp2p-scored-routing/testing` tells whether it does what a selector must do.
   *
   * @example
   * ```ts
   * import { scoredKadDHT, xorWindow } from 'libp2p-scored-routing'
   * import type { Candidate, Choice, PeerSelector } from 'libp2p-scored-routing'
   *
   * class FastestFirst implements PeerSelector {
   *   select (candidates: readonly Candidate[]): Choice {
   *     const closeEnough = candidates.slice(0, xorWindow(candidates).length)
   *     const waits = closeEnough.map(({ expectedWaitMs, score }) => expectedWaitMs / score)
   *
   *     return { index: waits.indexOf(Math.min(...waits)), reason: 'exploit' }
   *   }
   * }
   *
   * const dht = scoredKadDHT({ scoring: { selector: new FastestFirst() } })
   * ```
   */
  selector?: PeerSelector

  /**
   * Look for more peers while fewer than this many good ones are known, 0 to 100000
   *
   * @default 20
   */
  minGoodPeers?: number

  /**
   * Peers without a place in the routing table that are kept to replace poor
   * ones, 0 to 1000000
   *
   * @default 1000
   */
  maxReplacements?: number

  /**
   * How many of the best restored peers are dialled at start, 0 to 1000
   *
   * @default 20
   */
  warmStartDials?: number

  /**
   * How many connections to good peers are closed after those to others when there are
   * too many, 0 to 1000; never more than a tenth of the connection manager's limit
   *
   * @default 10
   */
  keepAlivePeers?: number

  /**
   * How often changed scores are written, ms, 100 to 3600000. A crash costs the
   * changes of this time at most.
   *
   * @default 10000
   */
  flushIntervalMs?: number

  /**
   * Uniform random numbers from 0 to below 1
   *
   * @default Math.random
   */
  random?: () => number

  /**
   * Told of every fact that a lookup takes in and of what it decides then
   */
  onLookupStep?: (step: LookupStep) => void
}
