import { log2Distance } from './log2-distance.ts'
import type { KadId } from './kad-id.ts'

/** As in Go (go-kad-dht netsize/netsize.go): how old a measurement may be, ms, how many are kept, and how many are needed */
const MAX_AGE_MS = 7_200_000
const MAX_MEASUREMENTS = 150
const MIN_MEASUREMENTS = 5

interface Measurement {
  atMs: number
  /** The number of servers that this lookup alone suggests */
  servers: number
  /** The share of the keyspace that each of the k closest peers is away, 0 to 1, ascending */
  shares: number[]
}

/**
 * How many servers the network seems to have
 */
export interface NetworkEstimate {
  servers: number
  /** The standard error of `servers`, from how much the lookups differ; the same unit */
  standardError: number
  /** How many lookups it rests on, 5 to 150 */
  measurements: number
}

/**
 * Estimates the number of servers in the network from the lookups that have ended. Kad ids are
 * spread evenly, so the i-th closest of N servers is i / (N + 1) of the keyspace away on average.
 * A line through the origin is fitted to the mean distance of each rank, and the estimate is
 * 1 / slope - 1. Only peers that answered are counted, so servers that nobody can reach are not.
 *
 * Source: go-kad-dht, netsize/netsize.go, without its weights.
 */
export class NetworkSize {
  readonly #k: number
  #measurements: Measurement[] = []

  /** @param k - How many closest peers a lookup finds */
  constructor (k: number) {
    this.#k = k
  }

  /**
   * A lookup has found its closest peers. Fewer than k tell nothing.
   *
   * @param distances - Of the closest peers that answered, ascending
   */
  found (distances: readonly KadId[], now: number): void {
    if (distances.length === this.#k) {
      const shares = distances.map(distance => 2 ** (log2Distance(distance) - 8 * distance.length))

      this.#measurements.push({ atMs: now, servers: serversOf(shares), shares })
      this.#measurements = this.#measurements.slice(-MAX_MEASUREMENTS)
    }
  }

  /** The estimate now; undefined while there are too few measurements */
  estimate (now: number): NetworkEstimate | undefined {
    this.#measurements = this.#measurements.filter(({ atMs }) => now - atMs < MAX_AGE_MS)
    const measurements = this.#measurements.length

    if (measurements < MIN_MEASUREMENTS) {
      return undefined
    }

    const means = Array.from({ length: this.#k }, (_, rank) => this.#measurements.reduce((sum, { shares }) => sum + shares[rank], 0) / measurements)
    const servers = serversOf(means)
    const squares = this.#measurements.reduce((sum, measurement) => sum + (measurement.servers - servers) ** 2, 0)

    return { servers, standardError: Math.sqrt(squares / (measurements - 1) / measurements), measurements }
  }
}

/** Fit a line through the origin to the distance of each rank. There are at least as many servers as ranks. */
function serversOf (shares: readonly number[]): number {
  let products = 0
  let squares = 0

  for (const [index, share] of shares.entries()) {
    products += (index + 1) * share
    squares += (index + 1) ** 2
  }

  return Math.max(squares / products - 1, shares.length)
}
