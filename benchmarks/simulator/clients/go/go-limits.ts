/**
 * The time limits of a go-libp2p host with go-kad-dht, ms. Infinity means no limit.
 */
export interface GoLimits {
  /** Limit for connecting, for all addresses that are tried at the same time */
  connectMs: number
  /** Limit for a sign of life from any address of a peer */
  peerDialMs: number
  /**
   * A peer's addresses, old ones included, are tried in rounds of several at the same
   * time. This share of the peers has more addresses than fit into one round, the same
   * share of those needs a third round, and so on. Below 1.
   */
  moreAddressesShare: number
  /** Limit for a connection that is secured and multiplexed, counted from the start of the dial */
  dialMs: number
  /** Limit for the answer over an open connection. It contains two reads, because go-kad-dht reads a second time when the first read failed. */
  answerMs: number
  /** Limit for storing a record, the dial included */
  putMs: number
  /** Whether a walk that is over waits for its requests over open connections. If not, these are cancelled. */
  drains: boolean
}

/** go-libp2p p2p/transport/tcp/tcp.go `defaultConnectTimeout` */
const CONNECT_MS = 5_000

/** go-libp2p p2p/net/swarm/swarm.go `defaultDialTimeout`: for one address, handshakes included */
const DIAL_MS = 15_000

/** The same limit before December 2021: go-libp2p-core transport/transport.go `DialTimeout` */
const DIAL_2021_MS = 60_000

/** go-libp2p core/network/network.go `DialPeerTimeout`: for all addresses of a peer together */
const PEER_DIAL_MS = 60_000

/*
 * go-libp2p p2p/net/swarm/limiter.go `DefaultPerPeerRateLimit`: 8 addresses of a peer are
 * tried at the same time. The measurements of 2022 do not say how many addresses a peer
 * had. This share is calibrated with the distribution of provide times in rfm17. Since
 * go-kad-dht v0.24.3 of 2023, servers no longer name private addresses (`AddressFilter`).
 * We assume that half of all addresses were private, so that a round now holds the
 * addresses of twice as many.
 */
const MORE_ADDRESSES_SHARE_2022 = 0.35
const MORE_ADDRESSES_SHARE = MORE_ADDRESSES_SHARE_2022 ** 2

/** go-kad-dht internal/net/message_manager.go `dhtReadMessageTimeout`; `SendRequest` retries a read once */
const READ_MS = 10_000
const READS = 2

/**
 * The limits of go-libp2p 0.16 of November 2021. The published measurements of July 2022
 * were made with it (network-measurements rfm17).
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
 * The limits of February 2025
 */
export const GO_LIMITS_2025: GoLimits = {
  ...GO_LIMITS_2022,
  moreAddressesShare: MORE_ADDRESSES_SHARE,
  dialMs: DIAL_MS
}

/**
 * The limits of August 2026. Since go-kad-dht v0.29 ("query cleanup", #1017), query.go
 * gives requests the context of the lookup. So the end of a walk no longer cancels its
 * requests, and the lookup waits for them. `putOperationTimeout` of routing.go is there
 * since January 2026 (#1222).
 */
export const GO_LIMITS_2026: GoLimits = {
  ...GO_LIMITS_2025,
  putMs: 30_000,
  drains: true
}

/**
 * Those limits on loopback, where each peer has one address: go-libp2p p2p/net/swarm/swarm.go
 * `defaultDialTimeoutLocal`
 */
export const GO_LIMITS_ON_LOOPBACK: GoLimits = {
  ...GO_LIMITS_2026,
  dialMs: 5_000,
  moreAddressesShare: 0
}
