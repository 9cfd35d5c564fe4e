import { AbortError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { pushable } from 'it-pushable'
import { setMaxListeners } from 'main-event'
import { classifyFailure } from './classify-failure.ts'
import { hasOpenConnection, isConnected } from '../streams/is-connected.ts'
import type { DHTMessage } from '../../kad-dht/dht-message.ts'
import type { RequestStage } from './classify-failure.ts'
import type { RPCOptions } from '../../kad-dht/internals.ts'
import type { RequestContexts } from './request-context.ts'
import type { SingleRequests } from './single-requests.ts'
import type { StandstillWatch } from './standstill-watch.ts'
import type { Outcome } from '../../score/outcome.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { DHTRecord, QueryEvent } from '@libp2p/kad-dht'

/** The reason for all aborts here. To make an error takes a stack trace, which costs time, and most reasons are never read, so all aborts share this one. */
const ABANDONED = new AbortError('The request is no longer wanted')

/** Errors of a stream that the other side has ended although the connection stands */
const STREAM_ENDS = new Set(['StreamResetError', 'StreamClosedError', 'StreamStateError', 'UnexpectedEOFError'])

export interface OutcomeObserverComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface OutcomeObserverInit {
  requests: SingleRequests
  contexts: RequestContexts
  /** Rejects a record that is invalid or for another key */
  verify: (record: DHTRecord, key: Uint8Array) => Promise<void>
  now: () => number
  standstills: StandstillWatch
  /** Called for a peer that no longer speaks the protocol */
  onUnsupported?: (peer: PeerId) => void
}

type Send = (to: PeerId, message: Partial<DHTMessage>, options: RPCOptions) => AsyncGenerator<QueryEvent>

/**
 * Watches our own RPCs and turns their results into outcomes. A request gives one
 * outcome. A request that was cancelled before a deadline passed gives none.
 */
export class OutcomeObserver {
  readonly #components: OutcomeObserverComponents
  readonly #init: OutcomeObserverInit

  constructor (components: OutcomeObserverComponents, init: OutcomeObserverInit) {
    this.#components = components
    this.#init = init
  }

  /**
   * Wrap the function that sends requests, so that the outcome of each is counted
   */
  observe (send: Send): Send {
    return (to, message, options) => this.#run(send, to, message, options)
  }

  /**
   * Runs the request at its own pace. A consumer that pauses between two events must not
   * make a healthy peer look silent.
   */
  async * #run (send: Send, to: PeerId, message: Partial<DHTMessage>, options: RPCOptions): AsyncGenerator<QueryEvent> {
    const abandoned = new AbortController()
    const signal = anySignal([options.signal, abandoned.signal])
    setMaxListeners(Infinity, signal, abandoned.signal)

    const context = this.#init.contexts.get(options.signal)

    if (context !== undefined) {
      this.#init.contexts.set(signal, context)
    }

    const events = pushable<QueryEvent>({ objectMode: true })
    const ended = this.#init.standstills.begin()

    const priority = context === undefined ? {} : { priority: context.dialPriority }

    this.#pump(send(to, message, { ...options, ...priority, signal }), to, message, signal, options.signal, event => { events.push(event) })
      .then(() => { events.end() }, err => { events.end(err) })
      .finally(() => {
        ended()
        signal.clear()
      })

    try {
      yield * events
    } finally {
      abandoned.abort(ABANDONED)
    }
  }

  async #pump (source: AsyncGenerator<QueryEvent>, to: PeerId, message: Partial<DHTMessage>, signal: AbortSignal, given: AbortSignal | undefined, push: (event: QueryEvent) => void): Promise<void> {
    const startedAt = this.#init.now()
    const dialled = !isConnected(this.#components.connectionManager, to)
    const settle = await this.#settlerOf(to, startedAt, given)
    let sentAt = startedAt
    let stage: RequestStage = dialled ? 'dialling' : 'waiting'

    for await (const event of source) {
      this.#init.standstills.look()
      const now = this.#init.now()

      if (event.name === 'SEND_QUERY') {
        stage = 'waiting'
        sentAt = now
      } else if (event.name === 'PEER_RESPONSE') {
        const timing = { latencyMs: now - sentAt, setupMs: sentAt - startedAt, dialled }
        const stored = message.type === 'PUT_VALUE' || message.type === 'ADD_PROVIDER'

        if (event.messageType !== message.type) {
          settle({ type: 'protocolError' })
        } else if (message.type === 'GET_VALUE' && event.record !== undefined) {
          // nobody waits for the check here, because a validator may be slow
          this.#init.verify(event.record, message.key ?? new Uint8Array(0))
            .then(() => { settle({ type: 'responded', ...timing }) }, err => {
              // there is no validator for such keys, so nobody can say that the record is invalid
              settle(err.name === 'InvalidParametersError' ? { type: 'responded', ...timing } : { type: 'invalidRecord' })
            })
        } else if (message.type === 'ADD_PROVIDER') {
          // peers do not answer ADD_PROVIDER, so all that is known is that a stream was agreed on and how long that took
          settle({ type: 'stored', latencyMs: dialled ? undefined : now - startedAt, setupMs: 0, dialled: false })
        } else {
          settle({ type: stored ? 'stored' : 'responded', ...timing })
        }
      } else if (event.name === 'QUERY_ERROR' && !signal.aborted) {
        const isOpen = hasOpenConnection(this.#components.connectionManager, to)
        const outcome = classifyFailure(event.error, stage === 'waiting' && !isOpen ? 'disconnected' : stage, now - startedAt)

        if (outcome !== undefined && !(message.type === 'PUT_VALUE' && isRefusal(event.error, outcome))) {
          settle(outcome)
        }

        if (event.error.name === 'UnsupportedProtocolError') {
          this.#init.onUnsupported?.(to)
        }
      }

      push(event)
    }
  }

  /** What to call with the outcome of a request. It goes to the lookup that the request belongs to, or, where there is none, to the table. */
  async #settlerOf (peer: PeerId, startedAt: number, given: AbortSignal | undefined): Promise<(outcome: Outcome) => void> {
    const { contexts, requests, now } = this.#init
    const context = contexts.get(given)

    if (context !== undefined) {
      return context.onSettled
    }

    const request = await requests.begin(peer, startedAt)

    return outcome => { request.advance({ type: 'settled', now: now(), outcome }) }
  }
}

/**
 * Whether the peer refused a value by ending the stream without an answer. Go nodes do so
 * when they have a newer value or do not accept this one. Such a peer is healthy, so this
 * is no failure.
 */
function isRefusal (error: Error, outcome: Outcome): boolean {
  return outcome.type === 'protocolError' && isStreamEnd(error)
}

/**
 * Whether an error says that the other side has ended a stream although the connection stands
 */
export function isStreamEnd ({ name }: Error): boolean {
  return STREAM_ENDS.has(name)
}
