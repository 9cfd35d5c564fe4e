import { GO_LIMITS_2022, GO_LIMITS_2025 } from '../clients/go/go-limits.ts'
import type { GoLimits } from '../clients/go/go-limits.ts'
import type { Region } from '../world/regions.ts'

/** In a data centre there is no last mile to speak of, ms */
const DATA_CENTRE_MS = 1

/**
 * Those who measured: where their clients were, what they ran and how they used it
 */
export interface Instrument {
  /** Client number i is in region i, and round again */
  regions: readonly Region[]
  lastMileMs: number
  /** Round trips of a dial, until the request can be written */
  dialTrips: number
  /** Beyond, the connection that was not used for the longest is closed */
  maxConnections: number
  limits: GoLimits
  /** How long records that are looked for have been there, ms */
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
   * host at Amazon with go-libp2p 0.16, which had no connection manager by default, over
   * TCP only (pkg/p2p/host.go). Trips: TCP's, the agreements on noise and on the muxer,
   * noise's own, and identify, which go-libp2p waits for.
   */
  'cid-hoarder': {
    // assumed: the region was not published, its authors were in Barcelona
    regions: ['eu-west-3'],
    lastMileMs: DATA_CENTRE_MS,
    dialTrips: 5,
    maxConnections: Infinity,
    limits: GO_LIMITS_2022,
    recordAgeMs: 0
  },

  /*
   * github.com/probe-lab/parsec: seven hosts in these regions (probelab.io/tools/parsec),
   * of which one provides a record each minute; the others then look for it at once. Over
   * QUIC a dial takes its handshake and identify. 192 is go-libp2p's default (defaults.go
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
