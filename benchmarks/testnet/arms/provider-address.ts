/**
 * The address that a client announces, because servers keep no provider record without
 * one. Nobody dials it.
 */
export const PROVIDER_ADDRESS = '/ip4/192.0.2.1/tcp/4001'
