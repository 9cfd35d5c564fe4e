/**
 * Who asks: a client of the model, or a node of it
 */
export interface Endpoint {
  region: number
  lastMileMs: number
}

/**
 * What happens to a request if nobody gives up, each ms after it was made; Infinity
 * where that never comes. The time-outs are those of whoever asks.
 */
export interface RequestCourse {
  /** The first packet comes back; 0 when connected */
  firstSignMs: number
  /** The connection stands; 0 when it did already */
  connectedMs: number
  /** The answer is read: what it names is decided then */
  answeredMs: number
  /** The dial was refused */
  refusedMs: number
}

/**
 * How long everything takes
 */
export interface Network {
  /** Round trip time, ms: that of the regions, with both last miles; constant for a pair */
  rttMs (from: Endpoint, to: number): number

  /** How long a node keeps a connection that is not used, ms */
  heldMs (node: number): number

  /**
   * A request from somebody to a node
   *
   * @param options.connected - Whether there is a connection; one that the other side has given up is found out here, and dialled anew
   * @param options.dialTrips - Round trips of a dial, until the request can be written: more where the node is behind a relay
   */
  request (from: Endpoint, to: number, options: { connected: boolean, dialTrips: number }, now: number): RequestCourse
}
