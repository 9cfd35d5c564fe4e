import { TaskQueue } from '../requests/task-queue.ts'
import type { ClientComponents } from '../client.ts'
import type { RequestLimits } from '../requests/connections.ts'

/** libp2p 3 connection-manager/constants.defaults.ts `ADDRESS_DIAL_TIMEOUT`: handshakes included; one address a peer here. Its dial time-out does not hold where a signal is passed, which kad-dht does. ms */
const ADDRESS_DIAL_TIMEOUT_MS = 6_000

/** libp2p 3 connection-manager/constants.ts `MAX_PARALLEL_DIALS`, constants.defaults.ts `MAX_DIAL_QUEUE_LENGTH` */
const MAX_PARALLEL_DIALS = 50
const MAX_DIAL_QUEUE_LENGTH = 500

export interface KadDHTRequest {
  node: number
  /** Abort it then */
  timeoutMs: number
  /** Whether the peer answers; if not, it is done when it is sent */
  answered: boolean
  /** The peer is asked, or dialled to be asked */
  onSent?: () => void
  /** `aborted`: by the time-out */
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
  /** Gives up what it waits for just now */
  giveUp: () => void
}

interface Dial {
  readonly first: Running
  /** Others for the same peer, which wait for its connection; mostly there are none */
  joined: Set<Running> | undefined
}

/**
 * Requests as js-libp2p makes them: a queue of dials, one dial a peer that others for it
 * join, a stream a request, whose protocol takes a round trip to settle, and one time-out
 * from the first moment on, waiting in the queue included.
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
   * @returns Gives up, without `onEnd`
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

  /** The connection stands: the stream's protocol is settled first */
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

  /** The dial is over: those that joined fail with it, go on over the connection, or dial themselves where it was given up */
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
