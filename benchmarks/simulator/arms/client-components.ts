import { seededRandom } from '../../random/seeded-random.ts'
import { Connections } from '../clients/requests/connections.ts'
import { Clock } from '../clock.ts'
import { REGIONS } from '../world/regions.ts'
import { INSTRUMENTS } from './instrument.ts'
import type { Random } from '../../random/random.ts'
import type { ClientComponents } from '../clients/client.ts'
import type { SimulatedArm, SimulationOptions } from '../simulation-options.ts'
import type { RoutingTables } from '../tables/routing-tables.ts'
import type { Endpoint } from '../world/network.ts'
import type { World } from '../world/world.ts'
import type { Instrument } from './instrument.ts'

/*
 * Round trips of a dial until the request can be written. Over TCP these are: one for
 * TCP, one to agree on noise, and one for noise, which brings the muxer along. kad-dht
 * needs one more to agree on the stream's protocol. scored sends its request together
 * with the protocol's name. go-libp2p dials over QUIC as well, whose handshake is faster,
 * and then agrees on the stream's protocol.
 */
const TCP_TRIPS = 3
const TCP_AND_STREAM_TRIPS = 4
const QUIC_AND_STREAM_TRIPS = 2

/** go-libp2p over TCP waits for identify as well, as the servers of the testnet have it */
const TCP_AND_IDENTIFY_TRIPS = 4

const DIAL_TRIPS: Record<SimulatedArm, number> = {
  'kad-dht': TCP_AND_STREAM_TRIPS,
  'kad-dht-tuned': TCP_AND_STREAM_TRIPS,
  'go-kad-dht': QUIC_AND_STREAM_TRIPS,
  'go-optimistic': QUIC_AND_STREAM_TRIPS,
  'full-table': QUIC_AND_STREAM_TRIPS,
  kadabra: QUIC_AND_STREAM_TRIPS,
  scored: TCP_TRIPS,
  'scored-warm': TCP_TRIPS,
  // no implementation needs fewer
  oracle: QUIC_AND_STREAM_TRIPS,
  // the limit for those that dial as scored does
  'oracle-tcp': TCP_TRIPS
}

/** The default of js-libp2p. Kubo keeps a similar number of connections. */
const MAX_CONNECTIONS = 300

export interface ArmInit {
  /** Number of this client within its arm, from 0. Clients of the same number are at the same place. */
  index: number
  options: SimulationOptions
  world: World
  tables: RoutingTables
  bootstrap: readonly number[]
  /** Called for every request, with its time, ms */
  onRequest?: (node: number, now: number) => void
}

/**
 * What a client of an arm is made of. It has a clock and connections of its own.
 */
export function clientComponents (arm: SimulatedArm, { index, options, world, tables, bootstrap, onRequest }: ArmInit): ClientComponents {
  const { seed, k, clientK } = options
  const instrument = options.instrument === undefined ? undefined : INSTRUMENTS[options.instrument]
  const place = seededRandom(seed, 'client', index)
  const endpoint = endpointOf(world, instrument, index, place)
  const kadId = Uint8Array.from({ length: 32 }, () => Math.floor(place() * 256))
  const clock = new Clock()
  const connections = new Connections({
    world,
    clock,
    endpoint,
    dialTrips: instrument?.dialTrips ?? dialTripsOf(arm, options),
    maxConnections: instrument?.maxConnections ?? MAX_CONNECTIONS,
    onRequest: node => { onRequest?.(node, clock.now) }
  })

  return { world, tables, clock, endpoint, kadId, connections, bootstrap, random: seededRandom(seed, arm, index), k: clientK ?? k, networkK: k }
}

/**
 * What a stock kad-dht client is made of that looks for records, at a place of its own. That of another
 * arm with the same number is at the same place. Whoever looks at an arm sees nothing of it.
 *
 * @param clock - That of the arm
 */
export function readerComponents ({ index, options: { seed, k }, world, tables, bootstrap }: ArmInit, clock: Clock): ClientComponents {
  const place = seededRandom(seed, 'reader', index)
  const endpoint = endpointOf(world, undefined, index, place)
  const kadId = Uint8Array.from({ length: 32 }, () => Math.floor(place() * 256))
  const connections = new Connections({ world, clock, endpoint, dialTrips: DIAL_TRIPS['kad-dht'], maxConnections: MAX_CONNECTIONS })

  return { world, tables, clock, endpoint, kadId, connections, bootstrap, random: seededRandom(seed, 'reading', index), k, networkK: k }
}

/** On the testnet nobody listens on QUIC */
function dialTripsOf (arm: SimulatedArm, { testnet }: SimulationOptions): number {
  const trips = DIAL_TRIPS[arm]

  return testnet !== undefined && trips === QUIC_AND_STREAM_TRIPS ? TCP_AND_IDENTIFY_TRIPS : trips
}

/** Where a client is. If the instrument names no region, the client is where some node is. */
function endpointOf ({ population }: World, instrument: Instrument | undefined, index: number, place: Random): Endpoint {
  const neighbour = Math.floor(place() * population.size)

  return instrument === undefined
    ? { region: population.region(neighbour), lastMileMs: population.lastMileMs(neighbour) }
    : { region: REGIONS.indexOf(instrument.regions[index % instrument.regions.length]), lastMileMs: instrument.lastMileMs }
}
