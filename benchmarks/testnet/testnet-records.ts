import type { KadDHTInit } from '@libp2p/kad-dht'

/** First part of the keys of the testnet's values */
export const VALUE_NAMESPACE = 'testnet'

/**
 * kad-dht's options that make it store and look up the testnet's values: any value
 * is valid and as good as another
 */
export const recordOptions: Pick<KadDHTInit, 'validators' | 'selectors'> = {
  validators: { [VALUE_NAMESPACE]: async () => {} },
  selectors: { [VALUE_NAMESPACE]: () => 0 }
}
