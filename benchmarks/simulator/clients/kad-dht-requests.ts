import { TaskQueue } from './task-queue.ts'
import type { ClientComponents } from './client.ts'

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

interface Running extends KadDHTRequest {
  /** Gives up what it waits for just now */
  giveUp: () => void
}

interface Dial {
  request: Running
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

  constructor (init: KadDHTRequestsInit) {
    this.#init = init
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
    const { clock } = this.#init
    const cancelTimeout = clock.schedule(request.timeoutMs, () => {
      running.giveUp()
      request.onEnd({ answered: false, aborted: true })
    })
    const running: Running = {
      ...request,
      giveUp: () => {},
      onEnd: result => {
        cancelTimeout()
        request.onEnd(result)
      }
    }

    this.#dispatch(running)

    return () => {
      cancelTimeout()
      running.giveUp()
    }
  }

  #dispatch (request: Running): void {
    const { clock, connections } = this.#init
    const { node } = request
    const dial = this.#dials.get(node)

    if (connections.isOpen(node)) {
      this.#openStream(request)
    } else if (dial != null) {
      dial.joined ??= new Set()
      dial.joined.add(request)
      request.giveUp = () => { dial.joined?.delete(request) }
    } else {
      const dial: Dial = { request, joined: undefined }

      this.#dials.set(node, dial)
      request.giveUp = () => {
        this.#dialQueue.remove(dial)
        this.#settle(dial, false)
      }

      if (!this.#dialQueue.add(dial)) {
        this.#dials.delete(node)
        request.giveUp = clock.schedule(0, () => { request.onEnd({ answered: false, aborted: false }) })
      }
    }
  }

  /** The connection stands: the stream's protocol is settled first */
  #openStream (request: Running): void {
    const { clock, world: { network }, endpoint } = this.#init

    request.giveUp = clock.schedule(network.rttMs(endpoint, request.node), () => {
      request.giveUp = this.#ask(request, () => {}, answered => {
        request.onEnd({ answered, aborted: false })
      })
    })
  }

  #dial (dial: Dial, finished: () => void): void {
    const { request } = dial
    let isConnected = false
    const settle = (failed: boolean): void => {
      finished()
      this.#settle(dial, failed)
    }
    const cancel = this.#ask(request, () => {
      isConnected = true
      settle(false)
    }, answered => {
      settle(!isConnected)
      request.onEnd({ answered, aborted: false })
    })

    request.giveUp = () => {
      cancel()
      settle(false)
    }
  }

  #ask (request: Running, onConnected: () => void, onEnd: (answered: boolean) => void): () => void {
    request.onSent?.()

    return this.#init.connections.ask(request.node, {
      firstSignMs: Infinity,
      connectedMs: this.#init.addressDialTimeoutMs ?? ADDRESS_DIAL_TIMEOUT_MS,
      answerMs: Infinity,
      totalMs: Infinity
    }, {
      onConnected,
      onEnd: end => { onEnd(end.type === 'answered') }
    }, { answered: request.answered })
  }

  /** The dial is over: those that joined fail with it, go on over the connection, or dial themselves where it was given up */
  #settle (dial: Dial, failed: boolean): void {
    const { node } = dial.request

    if (this.#dials.get(node) !== dial) {
      return
    }

    this.#dials.delete(node)

    for (const request of dial.joined ?? []) {
      if (failed) {
        request.onEnd({ answered: false, aborted: false })
      } else {
        this.#dispatch(request)
      }
    }
  }
}
