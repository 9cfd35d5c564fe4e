import type { LookupStep } from './lookup/lookup-runner.ts'
import type { LookupParametersInit } from '../parameters/lookup-parameters.ts'
import type { LevelScoreStoreInit } from '../persistence/level-score-store.ts'
import type { ScoreParametersInit } from '../parameters/score-parameters.ts'
import type { ScoreStore } from '../persistence/score-store.ts'
import type { PeerSelector } from '../selection/peer-selector.ts'

/**
 * The options of scoring. All of them are optional.
 */
export interface ScoringInit {
  /**
   * Directory of the LevelDB store that keeps the scores. One process at a time can
   * use it, and each DHT of a node needs its own. A damaged store is renamed.
   *
   * @default The node's datastore keeps the scores
   */
  location?: string

  /**
   * Keep the scores in this database of yours instead, such as a `memory-level`.
   * Each DHT protocol of each node has its own sublevel. The node neither opens nor closes the database.
   */
  level?: Extract<LevelScoreStoreInit, { db: unknown }>['db']

  /**
   * Keep the scores in this store of yours instead. It is opened when the node starts and
   * closed when it stops. After a failure both may be called again, which `open` and `close`
   * must allow. Each DHT of each node needs a store of its own. With a store that throws or
   * hangs the node runs without stored scores, unless `strictStore` is set.
   * `testScoreStore` of `libp2p-scored-routing/testing` checks that a store does what it must.
   */
  store?: ScoreStore

  /**
   * Whether the node refuses to start, with a `ScoreStoreError`, while its scores can't be
   * read. A damaged store is then left where it is. With false the node runs without
   * stored scores, logs this, and tries again. In either case a store never delays a node that runs or stops.
   *
   * @default false
   */
  strictStore?: boolean

  /**
   * How outcomes turn into scores
   */
  parameters?: ScoreParametersInit

  /**
   * The parameters of lookups. `k`, `alpha` and `disjointPaths` are not among them: they come
   * from kad-dht's options of these names (`kBucketSize` for `k`). Where those are not given,
   * a lookup has one path and an alpha of 20.
   */
  lookup?: Omit<LookupParametersInit, 'k' | 'alpha' | 'disjointPaths'>

  /**
   * Share of choices that explore, 0 to 1. It belongs to the epsilon-greedy selector, so it
   * can't be given together with a `selector`.
   *
   * @default 0.2
   */
  epsilon?: number

  /**
   * Decides whom to ask next, in place of the epsilon-greedy selector. When it makes a
   * choice that was not offered, the best candidate is asked instead, an
   * `InvalidSelectorError` is logged once, and `…_score_invalid_choices_total` counts it.
   * An error that the selector throws ends the lookup and is thrown to its caller.
   * `testPeerSelector` of `libp2p-scored-routing/testing` checks that a selector does what it must.
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
   * How many peers without a place in the routing table are kept to replace poor ones, 0 to
   * 1000000
   *
   * @default 1000
   */
  maxReplacements?: number

  /**
   * How many peers are remembered that others have named and that were not asked yet, 0 to
   * 1000000. Lookups begin with the closest of them, too. They come back after a restart.
   *
   * @default 20000
   */
  maxNamedPeers?: number

  /**
   * How many of the best restored peers are dialled at start, 0 to 1000
   *
   * @default 20
   */
  warmStartDials?: number

  /**
   * How many connections to good peers are kept, rather than others, when the connection
   * manager has to close some, 0 to 1000; never more than a tenth of its limit
   *
   * @default 10
   */
  keepAlivePeers?: number

  /**
   * How often changed scores are written, ms, 100 to 3600000. A crash loses at most the
   * changes of this time. In a browser they are also written when the page is hidden.
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
   * Called for every fact that a lookup takes in, with what the lookup decides
   */
  onLookupStep?: (step: LookupStep) => void
}
