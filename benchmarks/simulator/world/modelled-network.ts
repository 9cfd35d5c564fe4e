import { HashedRandom } from './hashed-random.ts'
import { REGIONS, regionRttMs } from './regions.ts'
import { WeightedChoice } from './weighted-choice.ts'
import type { WorldConditions } from './conditions.ts'
import type { Endpoint, Network, RequestCourse } from './network.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

/** How late a slow node answers, ms */
const SLOW_MS = { min: 2000, max: 4000 } as const

/** Mean time until an idle connection is closed, ms. Connection managers close such connections when they have too many. The value is assumed. */
const MEAN_HELD_MS = 120_000

/** Last mile of a relay, ms. Relays are public nodes with good lines. */
const RELAY_LAST_MILE_MS = 1

export interface ModelledNetworkInit {
  population: Population
  sessions: Sessions
  seed: number
  conditions: WorldConditions
}

/**
 * Computes times from round trips and work. A dial takes several round trips. A node that
 * cannot be dialled fails in its own way.
 *
 * A relayed node keeps a connection with a relay. It is dialled by hole punching
 * (libp2p's circuit relay v2 and DCUtR): First the relay is dialled. One round trip over
 * the relay asks for the node. Then the connection through the relay is made secure,
 * which takes all round trips of a dial except the first, TCP's. One and a half round
 * trips agree on when to punch. At last the node itself is dialled.
 */
export class ModelledNetwork implements Network {
  readonly #init: ModelledNetworkInit
  readonly #requests: HashedRandom
  readonly #nodes: HashedRandom
  readonly #relayRegions: WeightedChoice

  constructor (init: ModelledNetworkInit) {
    this.#init = init
    this.#requests = new HashedRandom(init.seed, 'requests')
    this.#nodes = new HashedRandom(init.seed, 'network')
    this.#relayRegions = new WeightedChoice(REGIONS.map(region => init.conditions.regionShares[region] ?? 0))
  }

  rttMs (from: Endpoint, to: number): number {
    const { population } = this.#init

    return regionRttMs(from.region, population.region(to)) + from.lastMileMs + population.lastMileMs(to)
  }

  /** The time is exponentially distributed over the nodes */
  heldMs (node: number): number {
    return -MEAN_HELD_MS * Math.log(this.#nodes.uniform(node, 2))
  }

  request (from: Endpoint, to: number, { connected, dialTrips }: { connected: boolean, dialTrips: number }, now: number): RequestCourse {
    const { population, sessions } = this.#init
    const request = this.#luck(to, now)
    const jitter = this.#jitter(request)
    const rttMs = this.rttMs(from, to) * jitter

    if (!sessions.isOnline(to, now)) {
      return this.#failedDial(from, to, dialTrips, jitter)
    }

    const answerMs = rttMs + this.#workMs(to, request)

    if (connected) {
      return { firstSignMs: 0, connectedMs: 0, answeredMs: answerMs, refusedMs: Infinity }
    }

    const reach = population.reach(to)

    switch (reach) {
      case 'public':
        return course(rttMs, dialTrips * rttMs, answerMs)
      case 'relayed': {
        const { relayMs, pathMs } = this.#relay(from, to, jitter)

        return course(relayMs, dialTrips * relayMs + (dialTrips + 1.5) * pathMs + dialTrips * rttMs, answerMs)
      }
      case 'unreachable':
        return NOTHING
      default:
        return reach satisfies never
    }
  }

  #failedDial (from: Endpoint, to: number, dialTrips: number, jitter: number): RequestCourse {
    const { population } = this.#init
    const reach = population.reach(to)

    // the NAT or firewall in front of the node drops packets, whether the node is online or not
    if (reach === 'unreachable') {
      return NOTHING
    }

    const absence = population.absence(to)
    const signMs = reach === 'relayed' ? this.#relay(from, to, jitter).relayMs : this.rttMs(from, to) * jitter

    switch (absence) {
      case 'refuses':
        // a relay refuses a request for a node that has left it
        return { ...NOTHING, firstSignMs: signMs, refusedMs: reach === 'relayed' ? (dialTrips + 1) * signMs : signMs }
      case 'silent':
        // nothing comes back, not even from a relay: where the node had one, the relay is gone too
        return NOTHING
      case 'stalls':
        return { ...NOTHING, firstSignMs: signMs }
      default:
        return absence satisfies never
    }
  }

  /** Round trip times, ms: to a node's relay, and through the relay to the node */
  #relay (from: Endpoint, to: number, jitter: number): { relayMs: number, pathMs: number } {
    const { population } = this.#init
    const region = this.#relayRegions.pick(this.#nodes.uniform(to, 0))
    const relayMs = jitter * (regionRttMs(from.region, region) + from.lastMileMs + RELAY_LAST_MILE_MS)
    const restMs = jitter * (regionRttMs(region, population.region(to)) + population.lastMileMs(to) + RELAY_LAST_MILE_MS)

    return { relayMs, pathMs: relayMs + restMs }
  }

  /**
   * The random number of a request. All clients that ask a node at one moment get the same
   * number, so that one client changes nothing for another.
   */
  #luck (to: number, now: number): number {
    const wholeMs = Math.floor(now)

    return this.#requests.word(to, wholeMs, Math.floor((now - wholeMs) * 2 ** 20))
  }

  #jitter (request: number): number {
    return 1 - this.#init.conditions.rttJitter * Math.log(this.#requests.uniform(request, 0, 1))
  }

  #workMs (to: number, request: number): number {
    const { population, conditions: { workMedianMs, workSigma, overloadedShare, overloadedMedianMs } } = this.#init
    const medianMs = this.#nodes.uniform(to, 1) < overloadedShare ? overloadedMedianMs : workMedianMs
    const workMs = medianMs * Math.exp(workSigma * this.#requests.normal(request))

    return population.habit(to) === 'slow'
      ? workMs + SLOW_MS.min + (SLOW_MS.max - SLOW_MS.min) * this.#requests.uniform(request, 1, 1)
      : workMs
  }
}

const NOTHING: Readonly<RequestCourse> = { firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity }

function course (firstSignMs: number, connectedMs: number, answerMs: number): RequestCourse {
  return { firstSignMs, connectedMs, answeredMs: connectedMs + answerMs, refusedMs: Infinity }
}
