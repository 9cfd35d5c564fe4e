import type { KadDHTInit } from '@libp2p/kad-dht'

/** First part of the keys of the testnet's values */
export const VALUE_NAMESPACE = 'testnet'

/**
 * The options with which kad-dht stores and looks up the testnet's values. Every value is
 * valid, and no value is better than another.
 */
export const recordOptions: Pick<KadDHTInit, 'validators' | 'selectors'> = {
  validators: { [VALUE_NAMESPACE]: async () => {} },
  selectors: { [VALUE_NAMESPACE]: () => 0 }
}
