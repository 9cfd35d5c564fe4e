/**
 * When a go-libp2p host with go-kad-dht gives up; times in ms, Infinity for never
 */
export interface GoLimits {
  /** Without an answer to the connects that are tried at the same time */
  connectMs: number
  /** Without a sign of life from any address of a peer */
  peerDialMs: number
  /**
   * Share of the peers that have more addresses, old ones included, than are tried at the
   * same time; the same share of these has more than twice as many, and so on. Below 1.
   */
  moreAddressesShare: number
  /** Without a connection that is secured and multiplexed, in all */
  dialMs: number
  /** Without an answer, once the connection stands: both reads, as go-kad-dht reads a second time when the first read failed */
  answerMs: number
  /** Without a stored record, in all */
  putMs: number
  /** Whether a walk that is over waits for the requests that it has made over connections that stand, instead of giving them up */
  drains: boolean
}

/** go-libp2p p2p/transport/tcp/tcp.go `defaultConnectTimeout` */
const CONNECT_MS = 5_000

/** go-libp2p p2p/net/swarm/swarm.go `defaultDialTimeout`: one address, handshakes included */
const DIAL_MS = 15_000

/** The same before December 2021: go-libp2p-core transport/transport.go `DialTimeout` */
const DIAL_2021_MS = 60_000

/** go-libp2p core/network/network.go `DialPeerTimeout`: all addresses of a peer */
const PEER_DIAL_MS = 60_000

/*
 * go-libp2p p2p/net/swarm/limiter.go `DefaultPerPeerRateLimit`: 8 addresses of a peer are
 * tried at the same time. How many a peer is known by was not published with the
 * measurements of 2022: calibrated by rfm17's distribution of provide times. Since
 * go-kad-dht v0.24.3 of 2023 servers no longer name private addresses
 * (`AddressFilter`): assumed to be half of all, so that twice as many are needed for a round.
 */
const MORE_ADDRESSES_SHARE_2022 = 0.35
const MORE_ADDRESSES_SHARE = MORE_ADDRESSES_SHARE_2022 ** 2

/** go-kad-dht internal/net/message_manager.go `dhtReadMessageTimeout`; `SendRequest` retries a read once */
const READ_MS = 10_000
const READS = 2

/**
 * Of go-libp2p 0.16 of November 2021, with which the published measurements of July 2022
 * were made (network-measurements rfm17)
 */
export const GO_LIMITS_2022: GoLimits = {
  connectMs: CONNECT_MS,
  peerDialMs: PEER_DIAL_MS,
  moreAddressesShare: MORE_ADDRESSES_SHARE_2022,
  dialMs: DIAL_2021_MS,
  answerMs: READS * READ_MS,
  putMs: Infinity,
  drains: false
}

/**
 * As of February 2025
 */
export const GO_LIMITS_2025: GoLimits = {
  ...GO_LIMITS_2022,
  moreAddressesShare: MORE_ADDRESSES_SHARE,
  dialMs: DIAL_MS
}

/**
 * As of August 2026: go-kad-dht query.go hands the lookup's context to requests since
 * v0.29 ("query cleanup", #1017), so that the end of the walk leaves them running, and
 * waits for them; routing.go `putOperationTimeout` since January 2026 (#1222)
 */
export const GO_LIMITS_2026: GoLimits = {
  ...GO_LIMITS_2025,
  putMs: 30_000,
  drains: true
}
