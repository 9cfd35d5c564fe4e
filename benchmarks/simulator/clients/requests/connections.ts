import { LRUCache } from 'lru-cache'
import type { Clock } from '../../clock.ts'
import type { Endpoint, RequestCourse } from '../../world/network.ts'
import type { World } from '../../world/world.ts'

/**
 * Time limits of a request, ms. A limit that is left out does not apply.
 */
export interface RequestLimits {
  /** Limit for the first sign of life from the peer that is dialled */
  firstSignMs?: number
  /** Limit for the connection */
  connectedMs?: number
  /** Limit for the answer, counted from when the connection is open */
  answerMs?: number
  /** Limit for the whole request */
  totalMs?: number
}

/** How a request ended */
export type RequestEnd =
  | {
    type: 'answered'
    /** Time from the writing of the request to the reading of the answer, ms */
    latencyMs: number
    /** Time from the call to the writing of the request, ms */
    setupMs: number
    dialled: boolean
  }
  | { type: 'refused' }
  /** `reached` tells whether there was any sign of life */
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
  /** Round trips that a dial takes until a request can be written */
  dialTrips: number
  /** Limit of open connections. Beyond it, the connection that was not used for the longest is closed. */
  maxConnections: number
  /** Called for every request */
  onRequest?: (node: number) => void
}

interface Connection {
  openedAtMs: number
  usedAtMs: number
}

/**
 * A client's connections and the requests over them. Both are counted.
 */
export class Connections {
  /** Number of requests made */
  queries = 0
  /** Number of dials started */
  dials = 0
  /** Number of requests to peers that did not answer */
  unanswered = 0
  /** Time of all requests together, ms: setting up connections, waiting for answers, and time that brought no answer */
  readonly spentMs = { dialling: 0, waiting: 0, wasted: 0 }

  readonly #init: ConnectionsInit
  /** The open connections. When there are too many, the one that was not used for the longest is closed. */
  readonly #open: LRUCache<number, Connection>

  constructor (init: ConnectionsInit) {
    this.#init = init
    // a client cannot have more connections than there are nodes
    this.#open = new LRUCache({ max: Math.min(init.maxConnections, init.world.population.size) })
  }

  /** The peers with an open connection */
  get open (): number[] {
    return Array.from(this.#open.keys()).filter(node => this.isOpen(node))
  }

  /** The limit of open connections */
  get max (): number {
    return this.#init.maxConnections
  }

  /** Whether a connection to a node is open. The other side may have closed it without our knowing. */
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

  /** Close all connections, as a restart does */
  closeAll (): void {
    this.#open.clear()
  }

  /**
   * Ask a peer. It is dialled when there is no connection.
   *
   * @param options.answered - False for a request that gets no answer, such as one with a provider record: it ends when it is written
   * @param options.sendTrips - Round trips to agree on the stream's protocol, where a connection is already open
   * @returns Cancels the request, so that `onEnd` is not called
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

    // a refusal is a sign of life too, but it ends the request, so it is not reported as one
    const showsLife = !connected && course.firstSignMs <= endsMs && course.firstSignMs < course.refusedMs
    const opens = course.connectedMs <= endsMs && course.connectedMs !== Infinity
    let next: 'sign' | 'opened' | 'end' = showsLife ? 'sign' : opens ? 'opened' : 'end'
    let cancel = (): void => {}

    // each step schedules the next one only: most events of a simulation are these steps
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

/** When the time limits end the request, ms from its start, or Infinity for never */
function limitOf (course: RequestCourse, { firstSignMs = Infinity, connectedMs = Infinity, answerMs = Infinity, totalMs = Infinity }: RequestLimits): number {
  return Math.min(
    course.firstSignMs > firstSignMs ? firstSignMs : Infinity,
    course.connectedMs > connectedMs ? connectedMs : Infinity,
    course.connectedMs + answerMs,
    totalMs
  )
}
