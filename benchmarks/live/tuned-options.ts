import type { KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/*
 * The best that kad-dht's and libp2p's own options can do, chosen once and frozen. The
 * grid below was measured with closest-peers of the testnet with 200 nodes, 10 lookups,
 * seed 11, on two busy cores. It shows the median time and mean recall in storm and in
 * amino. Stock (seed 1) has 6.2 s at 1.00 and 5.8 s at 1.00:
 *
 * networkDialTimeout  addressDialTimeout  other              storm         amino
 * 1000 to 2000        1000                                   1.9 s  0.81   1.2 s  0.86
 * 1500 to 3000        1500                                   2.0 s  0.97   1.6 s  0.97
 * 2000 to 4000        1500                                   2.0 s  1.00   1.6 s  1.00
 * 2000 to 6000        2000                                   2.5 s  0.94   2.1 s  1.00
 * 1500 to 3000        1500                alpha 20, 300 dials at once
 *                                                            2.1 s  0.93   1.8 s  0.82
 * 1500 to 3000        1500                disjointPaths 3    2.2 s  0.96   1.7 s  0.85
 * 1500 to 3000        1500                disjointPaths 1, alpha 20
 *                                                            2.1 s  0.95   1.7 s  0.88
 *
 * The third is as fast as any whose recall is not below stock's. A LevelDatastore would
 * keep what a restart needs. It does nothing for a first start, and this arm only does
 * first starts. `dialTimeout` has no effect on DHT requests.
 */

/**
 * kad-dht's options of the arm `kad-dht-tuned`
 */
export const TUNED_DHT_OPTIONS: Pick<KadDHTInit, 'networkDialTimeout'> = {
  networkDialTimeout: { minTimeout: 2000, maxTimeout: 4000 }
}

/**
 * The connection manager's options of the arm `kad-dht-tuned`
 */
export const TUNED_CONNECTION_MANAGER: Libp2pOptions['connectionManager'] = {
  addressDialTimeout: 1500
}
