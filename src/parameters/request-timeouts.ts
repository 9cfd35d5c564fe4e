import { KAD_DHT_DEFAULTS } from './kad-dht-defaults.ts'

/** Bounds of the time that one request may take, ms */
export interface RequestTimeouts {
  minMs: number
  maxMs: number
}

/**
 * The bounds that are set by an option of kad-dht, such as `networkDialTimeout`
 */
export function requestTimeouts ({ minTimeout = KAD_DHT_DEFAULTS.minTimeoutMs, maxTimeout = KAD_DHT_DEFAULTS.maxTimeoutMs }: { minTimeout?: number, maxTimeout?: number } = {}): RequestTimeouts {
  return { minMs: Math.min(minTimeout, maxTimeout), maxMs: maxTimeout }
}
