import { TaskQueue } from '../requests/task-queue.ts'
import type { ClientComponents } from '../client.ts'
import type { RequestLimits } from '../requests/connections.ts'

/**
 * libp2p 3 connection-manager/constants.defaults.ts `ADDRESS_DIAL_TIMEOUT`, ms. It covers
 * the handshakes, and here a peer has one address. libp2p's other limit, the dial time-out,
 * does not apply when a signal is passed, and kad-dht passes one.
 */
const ADDRESS_DIAL_TIMEOUT_MS = 6_000

/** libp2p 3 connection-manager/constants.ts `MAX_PARALLEL_DIALS`, constants.defaults.ts `MAX_DIAL_QUEUE_LENGTH` */
const MAX_PARALLEL_DIALS = 50
const MAX_DIAL_QUEUE_LENGTH = 500

export interface KadDHTRequest {
  node: number
  /** The request is aborted after this time */
  timeoutMs: number
  /** Whether the peer answers. If not, the request is done when it is sent. */
  answered: boolean
  /** Called when the request is sent, or when the dial for it begins */
  onSent?: () => void
  /** `aborted` is true when the time-out has ended the request */
  onEnd: (result: { answered: boolean, aborted: boolean }) => void
}

export interface KadDHTRequestsInit extends Pick<ClientComponents, 'world' | 'clock' | 'connections' | 'endpoint'> {
  /** @default 6000 */
  addressDialTimeoutMs?: number
  /** @default 50 */
  maxParallelDials?: number
}

interface Running {
  readonly request: KadDHTRequest
  cancelTimeout: () => void
  /** Cancels what the request waits for at the moment */
  giveUp: () => void
}

interface Dial {
  readonly first: Running
  /** Other requests for the same peer, which wait for the same dial. Undefined when there are none, which is the usual case. */
  joined: Set<Running> | undefined
}

/**
 * Requests as js-libp2p makes them. Dials wait in a queue. A peer is dialled once at a
 * time, and other requests for it wait for that dial. Each request has a stream of its
 * own, and a round trip is needed to agree on the stream's protocol. One time-out covers
 * everything from the start, the time in the queue included.
 */
export class KadDHTRequests {
  readonly #init: KadDHTRequestsInit
  readonly #dialQueue: TaskQueue<Dial>
  readonly #dials = new Map<number, Dial>()
  readonly #limits: RequestLimits

  constructor (init: KadDHTRequestsInit) {
    this.#init = init
    this.#limits = { firstSignMs: Infinity, connectedMs: init.addressDialTimeoutMs ?? ADDRESS_DIAL_TIMEOUT_MS, answerMs: Infinity, totalMs: Infinity }
    this.#dialQueue = new TaskQueue({
      concurrency: init.maxParallelDials ?? MAX_PARALLEL_DIALS,
      maxWaiting: MAX_DIAL_QUEUE_LENGTH,
      start: (dial, finished) => { this.#dial(dial, finished) }
    })
  }

  /**
   * @returns Cancels the request, so that `onEnd` is not called
   */
  start (request: KadDHTRequest): () => void {
    const running: Running = { request, cancelTimeout: () => {}, giveUp: () => {} }

    running.cancelTimeout = this.#init.clock.schedule(request.timeoutMs, () => {
      running.giveUp()
      request.onEnd({ answered: false, aborted: true })
    })
    this.#dispatch(running)

    return () => {
      running.cancelTimeout()
      running.giveUp()
    }
  }

  #dispatch (running: Running): void {
    const { clock, connections } = this.#init
    const { node } = running.request
    const dial = this.#dials.get(node)

    if (connections.isOpen(node)) {
      this.#openStream(running)
    } else if (dial !== undefined) {
      dial.joined ??= new Set()
      dial.joined.add(running)
      running.giveUp = () => { dial.joined?.delete(running) }
    } else {
      const dial: Dial = { first: running, joined: undefined }

      this.#dials.set(node, dial)
      running.giveUp = () => {
        this.#dialQueue.remove(dial)
        this.#settle(dial, false)
      }

      if (!this.#dialQueue.add(dial)) {
        this.#dials.delete(node)
        running.giveUp = clock.schedule(0, () => { this.#end(running, false) })
      }
    }
  }

  /** The connection is open. The stream's protocol is agreed on first. */
  #openStream (running: Running): void {
    const { clock, world: { network }, endpoint } = this.#init

    running.giveUp = clock.schedule(network.rttMs(endpoint, running.request.node), () => {
      running.giveUp = this.#ask(running.request, () => {}, answered => { this.#end(running, answered) })
    })
  }

  #dial (dial: Dial, finished: () => void): void {
    const { first } = dial
    let isConnected = false
    const settle = (failed: boolean): void => {
      finished()
      this.#settle(dial, failed)
    }
    const cancel = this.#ask(first.request, () => {
      isConnected = true
      settle(false)
    }, answered => {
      settle(!isConnected)
      this.#end(first, answered)
    })

    first.giveUp = () => {
      cancel()
      settle(false)
    }
  }

  #ask (request: KadDHTRequest, onConnected: () => void, onEnd: (answered: boolean) => void): () => void {
    request.onSent?.()

    return this.#init.connections.ask(request.node, this.#limits, {
      onConnected,
      onEnd: end => { onEnd(end.type === 'answered') }
    }, { answered: request.answered })
  }

  #end ({ cancelTimeout, request }: Running, answered: boolean): void {
    cancelTimeout()
    request.onEnd({ answered, aborted: false })
  }

  /**
   * The dial is over. When it failed, the requests that waited for it fail too. When it was
   * cancelled, they dial themselves. Otherwise they go on over the connection.
   */
  #settle (dial: Dial, failed: boolean): void {
    const { node } = dial.first.request

    if (this.#dials.get(node) !== dial) {
      return
    }

    this.#dials.delete(node)

    for (const running of dial.joined ?? []) {
      if (failed) {
        this.#end(running, false)
      } else {
        this.#dispatch(running)
      }
    }
  }
}
