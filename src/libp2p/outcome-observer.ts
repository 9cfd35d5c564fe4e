import { AbortError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { pushable } from 'it-pushable'
import { setMaxListeners } from 'main-event'
import { RequestOutcome } from '../score/request-outcome.ts'
import { classifyFailure } from './classify-failure.ts'
import { isConnected } from './is-connected.ts'
import type { DHTMessage } from './dht-message.ts'
import type { RequestStage } from './classify-failure.ts'
import type { InternalNetwork, RPCOptions } from './kad-dht-internals.ts'
import type { RequestContexts } from './request-context.ts'
import type { Outcome } from '../score/outcome.ts'
import type { PeerScores } from '../score/peer-scores.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { DHTRecord, QueryEvent } from '@libp2p/kad-dht'

/** One for all, as each that is made on its own costs a stack trace, and most are never looked at */
const ABANDONED = new AbortError('The request is no longer wanted')

export interface OutcomeObserverComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface OutcomeObserverInit {
  scores: PeerScores<string>
  contexts: RequestContexts
  /** Rejects a record that is invalid or for another key */
  verify: (record: DHTRecord, key: Uint8Array) => Promise<void>
  /** The time, ms since the epoch */
  now: () => number
  /** Told of every outcome, after it was scored */
  onOutcome?: (peer: PeerId, outcome: Outcome) => void
  /** Told of a peer that no longer speaks the protocol */
  onUnsupported?: (peer: PeerId) => void
}

type Send = (to: PeerId, message: Partial<DHTMessage>, options: RPCOptions) => AsyncGenerator<QueryEvent>

/**
 * The one place where the results of our own RPCs and pings become outcomes. One
 * request gives one outcome; a request that was cancelled before a deadline
 * passed gives none.
 */
export class OutcomeObserver {
  private readonly components: OutcomeObserverComponents
  private readonly init: OutcomeObserverInit

  constructor (components: OutcomeObserverComponents, init: OutcomeObserverInit) {
    this.components = components
    this.init = init
  }

  /**
   * See the outcome of every request that this network sends
   */
  observe (network: InternalNetwork): void {
    // with metrics these are bound wrappers, without they are prototype methods
    const sendRequest = network.sendRequest.bind(network)
    const sendMessage = network.sendMessage.bind(network)

    network.sendRequest = (to, message, options) => this.run(sendRequest, to, message, options)
    network.sendMessage = (to, message, options) => this.run(sendMessage, to, message, options)
  }

  /**
   * What becomes of a request to a peer, to be kept in its context
   *
   * @param referrer - Who named the peer
   */
  outcomeOf (peer: string, referrer: string | undefined): RequestOutcome<string> {
    return new RequestOutcome(peer, referrer, this.init.scores)
  }

  /**
   * A lookup stopped waiting for this request, it may still answer
   *
   * @param reached - Whether there was a connection or at least a sign of life
   */
  softDeadlinePassed (to: PeerId, signal: AbortSignal, afterMs: number, reached: boolean): void {
    this.tell(to, this.init.contexts.get(signal)?.outcome.softDeadlinePassed(afterMs, reached, this.init.now()))
  }

  /**
   * Record an outcome that belongs to no lookup, such as a ping's
   */
  record (peer: PeerId, outcome: Outcome): void {
    this.tell(peer, this.outcomeOf(peer.toString(), undefined).settle(outcome, this.init.now()))
  }

  /**
   * Runs the request at its own pace: a consumer that pauses between two events
   * must not turn a healthy peer into a silent one.
   */
  private async * run (send: Send, to: PeerId, message: Partial<DHTMessage>, options: RPCOptions): AsyncGenerator<QueryEvent> {
    const abandoned = new AbortController()
    const signal = anySignal([options.signal, abandoned.signal])
    setMaxListeners(Infinity, signal, abandoned.signal)

    const context = this.init.contexts.get(options.signal)

    if (context != null) {
      this.init.contexts.set(signal, context)
    }

    const events = pushable<QueryEvent>({ objectMode: true })

    const priority = context == null ? {} : { priority: context.dialPriority }

    this.pump(send(to, message, { ...options, ...priority, signal }), to, message, signal, options.signal, event => { events.push(event) })
      .then(() => { events.end() }, err => { events.end(err) })
      .finally(() => { signal.clear() })

    try {
      yield * events
    } finally {
      abandoned.abort(ABANDONED)
    }
  }

  private async pump (source: AsyncGenerator<QueryEvent>, to: PeerId, message: Partial<DHTMessage>, signal: AbortSignal, given: AbortSignal | undefined, push: (event: QueryEvent) => void): Promise<void> {
    const startedAt = this.init.now()
    const dialled = !isConnected(this.components.connectionManager, to)
    let sentAt = startedAt
    let stage: RequestStage = dialled ? 'dialling' : 'waiting'

    for await (const event of source) {
      const now = this.init.now()

      if (event.name === 'SEND_QUERY') {
        stage = 'waiting'
        sentAt = now
      } else if (event.name === 'PEER_RESPONSE') {
        const timing = { latencyMs: now - sentAt, setupMs: sentAt - startedAt, dialled }
        const stored = message.type === 'PUT_VALUE' || message.type === 'ADD_PROVIDER'

        if (event.messageType !== message.type) {
          this.settle(to, given, { type: 'protocolError' })
        } else if (message.type === 'GET_VALUE' && event.record != null) {
          // not awaited: a validator may take its time
          this.init.verify(event.record, message.key ?? new Uint8Array(0))
            .then(() => { this.settle(to, given, { type: 'responded', ...timing }) }, err => {
              // without a validator for such keys we can't tell
              this.settle(to, given, err.name === 'InvalidParametersError' ? { type: 'responded', ...timing } : { type: 'invalidRecord' })
            })
        } else if (message.type === 'ADD_PROVIDER') {
          // nobody answers to it: that a stream was agreed on is all that is known, and how long that took
          this.settle(to, given, { type: 'stored', latencyMs: dialled ? undefined : now - startedAt, setupMs: 0, dialled: false })
        } else {
          this.settle(to, given, { type: stored ? 'stored' : 'responded', ...timing })
        }
      } else if (event.name === 'QUERY_ERROR' && !signal.aborted) {
        const outcome = classifyFailure(event.error, stage, now - startedAt)

        if (outcome != null) {
          this.settle(to, given, outcome)
        }

        if (event.error.name === 'UnsupportedProtocolError') {
          this.init.onUnsupported?.(to)
        }
      }

      push(event)
    }
  }

  private settle (to: PeerId, given: AbortSignal | undefined, outcome: Outcome): void {
    const request = this.init.contexts.get(given)?.outcome ?? this.outcomeOf(to.toString(), undefined)

    this.tell(to, request.settle(outcome, this.init.now()))
  }

  private tell (peer: PeerId, outcome: Outcome | undefined): void {
    if (outcome == null) {
      return
    }

    this.init.onOutcome?.(peer, outcome)
  }
}
