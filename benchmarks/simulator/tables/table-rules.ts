/** Tables count time in whole seconds */
const MINUTE_S = 60

/**
 * go-libp2p-kad-dht: `Defaults` of internal/config/config.go and amino/defaults.go
 */
export const GO_KAD_DHT = {
  /** RoutingTable.RefreshInterval */
  refreshIntervalS: 10 * MINUTE_S,
  /**
   * Each bucket is looked up at every second refresh. `refreshCplIfEligible` of
   * rtrefresh/rt_refresh_manager.go passes over a bucket whose last lookup ended less
   * than an interval ago. The lookup of the refresh before ended shortly after that
   * refresh began, which is less than an interval ago.
   */
  refreshesPerBucketLookup: 2,
  /** DefaultConcurrency, alpha: how many peers a lookup asks first */
  alpha: 10,
  /** DefaultResiliency, beta: a lookup ends when this many of the closest peers that have not failed have answered */
  beta: 3,
  /** `PeerIDPreimageMaxCpl` of go-libp2p-kbucket/util.go: longer prefixes are not looked up */
  maxRefreshedPrefix: 15
} as const

/**
 * Of the meetings in lookups of buckets, only every n-th is played. The tables are full,
 * so playing all of them would give the same tables at several times the cost. What a
 * lookup learns about entries is always played, and so is the lookup of the node's own
 * kad id.
 */
export const PLAYED_EVERY = 8

/**
 * Probability that a peer answers before its lookup is over. The lookup waits for `beta`
 * other peers, asked at the same time. With beta + 1 answer times drawn from one
 * distribution, this is the probability that a given one is not the longest.
 */
export const ANSWERS_IN_TIME = GO_KAD_DHT.beta / (GO_KAD_DHT.beta + 1)

/**
 * A refresh pings an entry when its last successful query is longer ago than this, s
 * (`maxLastSuccessfulOutboundThreshold` of go-libp2p-kad-dht's dht.go). Each lookup asks
 * alpha of the k peers of a bucket. In this time, lookups are expected to leave out less
 * than one of them. It is 43 minutes at k = 20. A ping that succeeds does not start the
 * time anew. Only an answer to a query does.
 */
export function goGracePeriodS (k: number): number {
  const { alpha, refreshIntervalS } = GO_KAD_DHT

  return alpha < k ? Math.log(1 / k) / Math.log(1 - alpha / k) * refreshIntervalS : refreshIntervalS
}

/**
 * @libp2p/kad-dht 16.4.5: constants.ts, routing-table/index.ts and k-bucket.ts
 */
export const JS_KAD_DHT = {
  /** QUERY_SELF_INTERVAL. TABLE_REFRESH_INTERVAL is the same, but only the scored service starts that timer. */
  selfQueryIntervalS: 5 * MINUTE_S,
  /** PREFIX_LENGTH: the trie of buckets is split by at most this many bits */
  prefixBits: 6,
  /** PING_OLD_CONTACT_COUNT */
  pingedWhenFull: 3,
  /** LAST_PING_THRESHOLD */
  pingThresholdS: 10 * MINUTE_S,
  /** The self-query stops after 20 events (query-self.ts). About this many peers cause 20 events. */
  askedBySelfQuery: 7,
  /** ALPHA */
  alpha: 10,
  /** MAX_COMMON_PREFIX_LENGTH of refresh.ts */
  maxRefreshedPrefix: 15
} as const

/**
 * How long an incoming connection stays open, s, unless something else is given.
 * Connection managers of that time kept 600 to 900 connections and closed those that were
 * not used. A server near its limit closes a connection within minutes.
 */
export const DEFAULT_HELD_S = 3 * MINUTE_S
