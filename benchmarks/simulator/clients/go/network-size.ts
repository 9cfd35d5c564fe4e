import { distance } from '../../../../src/keyspace/xor-distance.ts'
import type { Population } from '../../world/population.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** go-kad-dht netsize/netsize.go `MaxMeasurementAge` (ms), `MinMeasurementsThreshold`, `MaxMeasurementsThreshold` */
const MAX_AGE_MS = 7_200_000
const MIN_MEASUREMENTS = 5
const MAX_MEASUREMENTS = 150

/** A number holds this many bytes of a distance exactly */
const EXACT_BYTES = 6

interface Measurement {
  atMs: number
  /** Distances of the closest peer, the second closest and so on, each 0 to 1 */
  distances: number[]
}

/**
 * Go's estimate of the number of servers (go-kad-dht netsize/netsize.go). It is made from
 * the distances of the k closest peers that lookups found. A line through the origin is
 * fitted to the mean distance of each rank, and the estimate is 1 / slope - 1. Upstream
 * weighs measurements, here all of them weigh the same.
 */
export class NetworkSize {
  readonly #population: Population
  readonly #k: number
  #measurements: Measurement[] = []

  constructor (population: Population, k: number) {
    this.#population = population
    this.#k = k
  }

  /** A lookup has found its closest peers. Those that could not be reached are among them. */
  track (target: KadId, closest: readonly number[], now: number): void {
    if (closest.length === this.#k) {
      this.#measurements.push({ atMs: now, distances: closest.map(node => normedDistance(target, this.#population.kadId(node))) })
      this.#measurements = this.#measurements.slice(-MAX_MEASUREMENTS)
    }
  }

  /** The estimated number of servers, or undefined while there are too few measurements */
  estimate (now: number): number | undefined {
    this.#measurements = this.#measurements.filter(({ atMs }) => now - atMs < MAX_AGE_MS)

    if (this.#measurements.length < MIN_MEASUREMENTS) {
      return undefined
    }

    let products = 0
    let squares = 0

    for (let rank = 1; rank <= this.#k; rank++) {
      const sum = this.#measurements.reduce((sum, { distances }) => sum + distances[rank - 1], 0)

      products += rank * sum / this.#measurements.length
      squares += rank ** 2
    }

    return squares / products - 1
  }
}

/**
 * XOR distance of two kad ids as a share of the largest there is, 0 to 1
 */
export function normedDistance (a: KadId, b: KadId): number {
  return distance(a, b).subarray(0, EXACT_BYTES).reduce((share, byte, index) => share + byte / 256 ** (index + 1), 0)
}
