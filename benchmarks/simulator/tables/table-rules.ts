/** Units, in s: tables count in whole seconds */
const MINUTE_S = 60

/**
 * go-libp2p-kad-dht: `Defaults` of internal/config/config.go and amino/defaults.go
 */
export const GO_KAD_DHT = {
  /** RoutingTable.RefreshInterval */
  refreshIntervalS: 10 * MINUTE_S,
  /**
   * Each bucket is looked up at every other refresh: `refreshCplIfEligible` of
   * rtrefresh/rt_refresh_manager.go passes over one whose last lookup ended less than
   * an interval ago, and that of the last refresh ended a little after it began
   */
  refreshesPerBucketLookup: 2,
  /** DefaultConcurrency, alpha: how many peers a lookup asks first */
  alpha: 10,
  /** DefaultResiliency, beta: a lookup ends when so many of the closest that have not failed have answered */
  beta: 3,
  /** `PeerIDPreimageMaxCpl` of go-libp2p-kbucket/util.go: longer prefixes are not looked up */
  maxRefreshedPrefix: 15
} as const

/**
 * Of the meetings in the lookups of buckets, every so many is played: the tables are
 * full, and with all of them would be the same at several times the cost. What is
 * found out about entries is played in full, and so is the lookup of oneself.
 */
export const PLAYED_EVERY = 8

/**
 * How likely a peer answers before a lookup is over that waits for `beta` others asked
 * at the same time: that, of beta + 1 times drawn alike, a given one is not the longest
 */
export const ANSWERS_IN_TIME = GO_KAD_DHT.beta / (GO_KAD_DHT.beta + 1)

/**
 * After how long without a successful query a refresh pings an entry, s:
 * `maxLastSuccessfulOutboundThreshold` of go-libp2p-kad-dht's dht.go. It is the time
 * in which lookups that each ask alpha of the k peers of a bucket are expected to
 * leave out less than one. 43 minutes at k = 20. A ping that succeeds does not renew
 * the time; only an answer to a query does.
 */
export function goGracePeriodS (k: number): number {
  const { alpha, refreshIntervalS } = GO_KAD_DHT

  return alpha < k ? Math.log(1 / k) / Math.log(1 - alpha / k) * refreshIntervalS : refreshIntervalS
}

/**
 * @libp2p/kad-dht 16.4.5: constants.ts, routing-table/index.ts and k-bucket.ts
 */
export const JS_KAD_DHT = {
  /** QUERY_SELF_INTERVAL; TABLE_REFRESH_INTERVAL is the same, but only the scored service starts that timer */
  selfQueryIntervalS: 5 * MINUTE_S,
  /** PREFIX_LENGTH: bits by which the trie of buckets is split at most */
  prefixBits: 6,
  /** PING_OLD_CONTACT_COUNT */
  pingedWhenFull: 3,
  /** LAST_PING_THRESHOLD */
  pingThresholdS: 10 * MINUTE_S,
  /** The self-query stops after 20 events (query-self.ts), which are those of about so many peers */
  askedBySelfQuery: 7,
  /** ALPHA */
  alpha: 10,
  /** MAX_COMMON_PREFIX_LENGTH of refresh.ts */
  maxRefreshedPrefix: 15
} as const

/**
 * How long the connection of a peer that dialled us stands, s, if nobody says
 * otherwise. Connection managers of that time kept 600 to 900 connections and trimmed
 * those without a use; a server near its limit does so within minutes.
 */
export const DEFAULT_HELD_S = 3 * MINUTE_S
