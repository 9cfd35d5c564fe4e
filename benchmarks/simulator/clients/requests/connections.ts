import { LRUCache } from 'lru-cache'
import type { Clock } from '../../clock.ts'
import type { Endpoint, RequestCourse } from '../../world/network.ts'
import type { World } from '../../world/world.ts'

/**
 * When whoever asks gives up, each ms; one that is left out never is the reason
 */
export interface RequestLimits {
  /** Without any sign of life from the peer that is dialled */
  firstSignMs?: number
  /** Without a connection */
  connectedMs?: number
  /** Without an answer, once the connection stands */
  answerMs?: number
  /** Without an answer, in all */
  totalMs?: number
}

/** How a request ended */
export type RequestEnd =
  | {
    type: 'answered'
    /** From the request being written to the answer being read, ms */
    latencyMs: number
    /** From asking to the request being written, ms */
    setupMs: number
    dialled: boolean
  }
  | { type: 'refused' }
  /** `reached`: whether there had been any sign of life */
  | { type: 'timedOut', reached: boolean, afterMs: number }

export interface RequestHandlers {
  onFirstSign? (): void
  onConnected? (): void
  onEnd (end: RequestEnd): void
}

export interface ConnectionsInit {
  world: World
  clock: Clock
  endpoint: Endpoint
  /** Round trips of a dial, until a request can be written */
  dialTrips: number
  /** Beyond, the connection that was not used for the longest is closed */
  maxConnections: number
  /** Told of every request */
  onRequest?: (node: number) => void
}

interface Connection {
  openedAtMs: number
  usedAtMs: number
}

/**
 * A client's connections and the requests over them; it counts both
 */
export class Connections {
  /** Requests made */
  queries = 0
  /** Dials started */
  dials = 0
  /** Requests to peers that did not answer */
  unanswered = 0
  /** What the time of all requests was spent on, ms: setting up connections, waiting for answers, and in vain */
  readonly spentMs = { dialling: 0, waiting: 0, wasted: 0 }

  readonly #init: ConnectionsInit
  /** Beyond its size, the one that was not used for the longest leaves */
  readonly #open: LRUCache<number, Connection>

  constructor (init: ConnectionsInit) {
    this.#init = init
    // there are no more than nodes
    this.#open = new LRUCache({ max: Math.min(init.maxConnections, init.world.population.size) })
  }

  /** How many connections there may be */
  get max (): number {
    return this.#init.maxConnections
  }

  /** Whether a connection stands, as far as we know */
  isOpen (node: number): boolean {
    const { world: { sessions, network }, clock } = this.#init
    const connection = this.#open.peek(node)

    if (connection === undefined) {
      return false
    }

    const stands = sessions.isOnline(node, clock.now) &&
      sessions.since(node, clock.now) <= connection.openedAtMs &&
      clock.now - connection.usedAtMs < network.heldMs(node)

    if (!stands) {
      this.#open.delete(node)
    }

    return stands
  }

  /** Lose all connections, as a restart does */
  closeAll (): void {
    this.#open.clear()
  }

  /**
   * Ask a peer, dialling it where there is no connection
   *
   * @param options.answered - False for what is only sent, such as a provider record: it ends when the request is written
   * @param options.sendTrips - Round trips that this takes where there is a connection, for the stream's protocol to be agreed on
   * @returns Gives up, without `onEnd`
   */
  ask (node: number, limits: RequestLimits, handlers: RequestHandlers, { answered = true, sendTrips = 0 } = {}): () => void {
    const { world: { network }, clock, endpoint, dialTrips } = this.#init
    const connected = this.isOpen(node)
    const course = network.request(endpoint, node, { connected, dialTrips }, clock.now)
    const answeredMs = answered ? course.answeredMs : course.connectedMs + sendTrips * network.rttMs(endpoint, node)
    const limitMs = limitOf(course, limits)
    const endsMs = Math.min(course.refusedMs, answeredMs, limitMs)
    const startedAtMs = clock.now

    this.#init.onRequest?.(node)
    this.queries++
    this.dials += connected ? 0 : 1

    // a refusal is a sign of life that is not told of
    const showsLife = !connected && course.firstSignMs <= endsMs && course.firstSignMs < course.refusedMs
    const opens = course.connectedMs <= endsMs && course.connectedMs !== Infinity
    let next: 'sign' | 'opened' | 'end' = showsLife ? 'sign' : opens ? 'opened' : 'end'
    let cancel = (): void => {}

    // each step schedules the next one, as most of what happens in a simulation is these
    const schedule = (): void => {
      const afterMs = next === 'sign' ? course.firstSignMs : next === 'opened' ? course.connectedMs : endsMs

      if (afterMs !== Infinity) {
        cancel = clock.scheduleAt(startedAtMs + afterMs, happen)
      }
    }
    const happen = (): void => {
      switch (next) {
        case 'sign':
          next = opens ? 'opened' : 'end'
          schedule()
          handlers.onFirstSign?.()
          break
        case 'opened':
          next = 'end'
          schedule()
          this.#opened(node, startedAtMs)
          handlers.onConnected?.()
          break
        case 'end':
          if (endsMs === course.refusedMs || endsMs !== answeredMs) {
            this.unanswered++
            this.spentMs.wasted += clock.now - startedAtMs
            handlers.onEnd(endsMs === course.refusedMs ? { type: 'refused' } : { type: 'timedOut', reached: course.firstSignMs <= limitMs, afterMs: limitMs })
          } else {
            this.#used(node)
            this.spentMs.dialling += course.connectedMs
            this.spentMs.waiting += answeredMs - course.connectedMs
            handlers.onEnd({ type: 'answered', setupMs: course.connectedMs, latencyMs: answeredMs - course.connectedMs, dialled: !connected })
          }
      }
    }

    schedule()

    return () => { cancel() }
  }

  #opened (node: number, openedAtMs: number): void {
    const connection = this.#open.peek(node) ?? { openedAtMs, usedAtMs: 0 }

    connection.usedAtMs = this.#init.clock.now
    this.#open.set(node, connection)
  }

  #used (node: number): void {
    const connection = this.#open.peek(node)

    if (connection !== undefined) {
      this.#opened(node, connection.openedAtMs)
    }
  }
}

/** When whoever asks gives up, ms from asking on; Infinity for never */
function limitOf (course: RequestCourse, { firstSignMs = Infinity, connectedMs = Infinity, answerMs = Infinity, totalMs = Infinity }: RequestLimits): number {
  return Math.min(
    course.firstSignMs > firstSignMs ? firstSignMs : Infinity,
    course.connectedMs > connectedMs ? connectedMs : Infinity,
    course.connectedMs + answerMs,
    totalMs
  )
}
