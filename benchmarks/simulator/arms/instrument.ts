import { GO_LIMITS_2022, GO_LIMITS_2025 } from '../clients/go/go-limits.ts'
import type { GoLimits } from '../clients/go/go-limits.ts'
import type { Region } from '../world/regions.ts'

/** Clients in a data centre have hardly any last mile, ms */
const DATA_CENTRE_MS = 1

/**
 * The clients of a published measurement: where they were, what they ran and how they
 * used it
 */
export interface Instrument {
  /** Regions of the clients. Client i is in region i, and after the last region the first one comes again. */
  regions: readonly Region[]
  lastMileMs: number
  /** Round trips that a dial takes until the request can be written */
  dialTrips: number
  /** Limit of open connections. Beyond it, the connection that was not used for the longest is closed. */
  maxConnections: number
  limits: GoLimits
  /** Age of the records that are looked for, ms */
  recordAgeMs: number
}

export const INSTRUMENT_NAMES = ['cid-hoarder', 'parsec'] as const
export type InstrumentName = typeof INSTRUMENT_NAMES[number]

/**
 * The instruments of published measurements
 */
export const INSTRUMENTS: Readonly<Record<InstrumentName, Instrument>> = {
  /*
   * github.com/cortze/ipfs-cid-hoarder as of July 2022 (network-measurements rfm17): one
   * host at Amazon with go-libp2p 0.16, over TCP only (pkg/p2p/host.go). That version had
   * no connection manager by default. A dial takes these round trips: TCP, the agreement
   * on noise, the agreement on the muxer, noise itself, and identify, because go-libp2p
   * waits for it.
   */
  'cid-hoarder': {
    // assumed: the region was not published, but the authors were in Barcelona
    regions: ['eu-west-3'],
    lastMileMs: DATA_CENTRE_MS,
    dialTrips: 5,
    maxConnections: Infinity,
    limits: GO_LIMITS_2022,
    recordAgeMs: 0
  },

  /*
   * github.com/probe-lab/parsec: seven hosts in these regions (probelab.io/tools/parsec).
   * Each minute one of them provides a record, and the others look for it at once. A dial
   * over QUIC takes its handshake and identify. 192 is go-libp2p's default (defaults.go
   * `DefaultConnectionManager`).
   */
  parsec: {
    regions: ['eu-central-1', 'us-east-2', 'us-west-1', 'ap-south-1', 'ap-southeast-2', 'af-south-1', 'sa-east-1'],
    lastMileMs: DATA_CENTRE_MS,
    dialTrips: 2,
    maxConnections: 192,
    limits: GO_LIMITS_2025,
    recordAgeMs: 0
  }
}
