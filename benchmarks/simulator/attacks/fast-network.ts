import type { Endpoint, Network, RequestCourse } from '../world/network.ts'

/** Round trip time of a hostile node, ms. It answers from next to the client, without any work. */
const RTT_MS = 20

/**
 * A network in which hostile nodes are faster than any other
 */
export class FastNetwork implements Network {
  readonly #network: Network
  readonly #isFast: (node: number, now: number) => boolean

  /**
   * @param isFast - Whether a node is online and fast
   */
  constructor (network: Network, isFast: (node: number, now: number) => boolean) {
    this.#network = network
    this.#isFast = isFast
  }

  rttMs (from: Endpoint, to: number): number {
    return this.#network.rttMs(from, to)
  }

  heldMs (node: number): number {
    return this.#network.heldMs(node)
  }

  request (from: Endpoint, to: number, options: { connected: boolean, dialTrips: number }, now: number): RequestCourse {
    if (!this.#isFast(to, now)) {
      return this.#network.request(from, to, options, now)
    }

    const connectedMs = options.connected ? 0 : options.dialTrips * RTT_MS

    return { firstSignMs: Math.min(connectedMs, RTT_MS), connectedMs, answeredMs: connectedMs + RTT_MS, refusedMs: Infinity }
  }
}
