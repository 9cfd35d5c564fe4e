/**
 * The testnet's DHT protocol: never that of a real network
 */
export const TESTNET_PROTOCOL = '/scored-routing-testnet/kad/1.0.0'
