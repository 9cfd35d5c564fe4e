/**
 * Where a request comes from: a client of the model, or one of its nodes
 */
export interface Endpoint {
  region: number
  lastMileMs: number
}

/**
 * What happens to a request if nobody cancels it. Each value is a time after its start,
 * ms, or Infinity for something that never happens. Time-outs are not part of it, because
 * each client has its own.
 */
export interface RequestCourse {
  /** The first packet comes back. 0 when there was a connection already. */
  firstSignMs: number
  /** The connection is open. 0 when there was a connection already. */
  connectedMs: number
  /** The answer is read. The peers that it names are decided at this time. */
  answeredMs: number
  /** The dial was refused */
  refusedMs: number
}

/**
 * Tells how long requests take
 */
export interface Network {
  /** Round trip time, ms: that of the regions plus both last miles. It is constant for a pair. */
  rttMs (from: Endpoint, to: number): number

  /** How long a node keeps an idle connection, ms */
  heldMs (node: number): number

  /**
   * Make a request to a node
   *
   * @param options.connected - Whether the client has a connection. If the other side has closed it, this is found out now, and the node is dialled again.
   * @param options.dialTrips - Round trips of a dial until the request can be written. A node behind a relay needs more.
   */
  request (from: Endpoint, to: number, options: { connected: boolean, dialTrips: number }, now: number): RequestCourse
}
