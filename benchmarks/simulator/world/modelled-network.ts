import { HashedRandom } from './hashed-random.ts'
import { REGIONS, regionRttMs } from './regions.ts'
import { WeightedChoice } from './weighted-choice.ts'
import type { WorldConditions } from './conditions.ts'
import type { Endpoint, Network, RequestCourse } from './network.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

/** How late a slow node answers, ms (DESIGN.md, section 6) */
const SLOW_MS = { min: 2000, max: 4000 } as const

/** Connection managers close what is idle when they have too many: mean time until then, ms; assumed */
const MEAN_HELD_MS = 120_000

/** Relays are public nodes with good lines, ms */
const RELAY_LAST_MILE_MS = 1

export interface ModelledNetworkInit {
  population: Population
  sessions: Sessions
  seed: number
  conditions: WorldConditions
}

/**
 * Times from round trips and work. A dial takes round trips; who cannot be dialled fails
 * in its own way.
 *
 * A relayed node is dialled through the relay that it keeps a connection with, and a
 * hole is punched (libp2p's circuit relay v2 and DCUtR): the relay is dialled; one trip
 * over the relay asks for the node; the connection through it is made secure, which
 * takes all trips of a dial but the first, TCP's; one and a half trips agree on when to
 * punch; then the node itself is dialled.
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

  /** Exponential over the nodes */
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

    // what it is behind drops packets, whether there is anybody or not
    if (reach === 'unreachable') {
      return NOTHING
    }

    const absence = population.absence(to)
    const signMs = reach === 'relayed' ? this.#relay(from, to, jitter).relayMs : this.rttMs(from, to) * jitter

    switch (absence) {
      case 'refuses':
        // a relay answers, but not for a node that has left it
        return { ...NOTHING, firstSignMs: signMs, refusedMs: reach === 'relayed' ? (dialTrips + 1) * signMs : signMs }
      case 'silent':
        // where there is a relay, it has gone too
        return NOTHING
      case 'stalls':
        return { ...NOTHING, firstSignMs: signMs }
      default:
        return absence satisfies never
    }
  }

  /** Round trips to a node's relay, and over it to the node, ms */
  #relay (from: Endpoint, to: number, jitter: number): { relayMs: number, pathMs: number } {
    const { population } = this.#init
    const region = this.#relayRegions.pick(this.#nodes.uniform(to, 0))
    const relayMs = jitter * (regionRttMs(from.region, region) + from.lastMileMs + RELAY_LAST_MILE_MS)
    const restMs = jitter * (regionRttMs(region, population.region(to)) + population.lastMileMs(to) + RELAY_LAST_MILE_MS)

    return { relayMs, pathMs: relayMs + restMs }
  }

  /** Each request has its own, but whoever asks a node at one moment has the same: what one client does changes nothing for another */
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
