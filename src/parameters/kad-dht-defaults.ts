/**
 * The defaults of those options of kad-dht that our parts read as well
 */
export const KAD_DHT_DEFAULTS = {
  kBucketSize: 20,
  logPrefix: 'libp2p:kad-dht',
  metricsPrefix: 'libp2p_kad_dht',
  protocol: '/ipfs/kad/1.0.0',
  /** How long adding a peer that connected may take, ms */
  onPeerConnectTimeoutMs: 10_000,
  /** Bounds of the time that one request may take, ms */
  minTimeoutMs: 5_000,
  maxTimeoutMs: 60_000,
  /** How long a lookup without a signal of the caller's may take, ms */
  queryTimeoutMs: 180_000
}
