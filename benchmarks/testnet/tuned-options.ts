import type { KadDHTInit } from '@libp2p/kad-dht'
import type { Libp2pOptions } from 'libp2p'

/**
 * The options of the arm `kad-dht-tuned`, frozen.
 */
export const TUNED_DHT_OPTIONS: Pick<KadDHTInit, 'networkDialTimeout' | 'alpha' | 'disjointPaths'> = {
  networkDialTimeout: { minTimeout: 2000, maxTimeout: 4000 }
}

export const TUNED_CONNECTION_MANAGER: Libp2pOptions['connectionManager'] = {
  addressDialTimeout: 1500
}
