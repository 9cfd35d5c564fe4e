import { EventTypes, MessageType } from '@libp2p/kad-dht'
import { CustomProgressEvent } from 'progress-events'
import { equals as uint8ArrayEquals } from 'uint8arrays/equals'
import type { DHTMessage } from '../../kad-dht/dht-message.ts'
import type { InternalNetwork, RPCOptions } from '../../kad-dht/internals.ts'
import type { RequestContexts } from '../lookup/request-context.ts'
import type { SingleRequests } from '../lookup/single-requests.ts'
import type { PeerId } from '@libp2p/interface'
import type { PeerResponseEvent, QueryEvent } from '@libp2p/kad-dht'

/**
 * What is known of a record after it was sent to a peer:
 *
 * - `confirmed`: the peer has shown that it holds the record
 * - `read`: it has read the record
 * - `sent`: it has agreed to read it
 * - `failed`: none of these
 */
export type StoreResult = 'confirmed' | 'read' | 'sent' | 'failed'

/**
 * How a record is stored with one peer
 */
export interface RecordSender {
  /** A message that stores the record and has no answer, so that it can be sent ahead of a question */
  readonly ahead?: Partial<DHTMessage>

  /**
   * Store the record with a peer
   *
   * @param onEvent - Told of all that happens
   */
  send (peer: PeerId, options: RPCOptions, onEvent: (event: QueryEvent) => void): Promise<StoreResult>
}

/** libp2p's default */
const DEFAULT_DIAL_PRIORITY = 50

/** The first two bytes of a SHA2-256 multihash: the code and the length */
const SHA2_256 = [0x12, 0x20]

/**
 * Stores a value. A peer that has stored it sends it back.
 */
export class ValueSender implements RecordSender {
  readonly #network: InternalNetwork
  readonly #message: Partial<DHTMessage>
  readonly #value: Uint8Array

  /** @param message - PUT_VALUE */
  constructor (network: InternalNetwork, message: Partial<DHTMessage>, value: Uint8Array) {
    this.#network = network
    this.#message = message
    this.#value = value
  }

  async send (peer: PeerId, options: RPCOptions, onEvent: (event: QueryEvent) => void): Promise<StoreResult> {
    let result: StoreResult = 'failed'

    for await (const event of this.#network.sendRequest(peer, this.#message, options)) {
      onEvent(event)

      if (event.name === 'PEER_RESPONSE') {
        result = event.record !== undefined && uint8ArrayEquals(event.record.value, this.#value) ? 'confirmed' : 'failed'

        if (result === 'failed') {
          onEvent(failureEvent(peer, new Error('Value not put correctly'), options))
        }
      }
    }

    return result
  }
}

export interface ProviderSenderInit {
  network: InternalNetwork
  contexts: RequestContexts
  requests: SingleRequests
  /** How long a request may take, ms */
  timeoutMs: number
  now: () => number
}

/**
 * Stores a provider record. It has no answer, so the peer is asked for the providers of the key
 * on the same stream. It reads the messages of a stream in order, so its answer shows that it has
 * read the record. Where it names us, it holds the record.
 *
 * js servers break the stream for a key that is no SHA2-256 multihash. With such a key nothing
 * shows more than that the stream was agreed on.
 */
export class ProviderSender implements RecordSender {
  readonly #init: ProviderSenderInit
  readonly #message: Partial<DHTMessage> & Pick<DHTMessage, 'providers'>
  readonly ahead: Partial<DHTMessage> | undefined

  /** @param message - ADD_PROVIDER */
  constructor (init: ProviderSenderInit, message: Partial<DHTMessage> & Pick<DHTMessage, 'providers'>) {
    this.#init = init
    this.#message = message
    this.ahead = SHA2_256.every((byte, index) => message.key?.[index] === byte) ? message : undefined
  }

  async send (peer: PeerId, options: RPCOptions, onEvent: (event: QueryEvent) => void): Promise<StoreResult> {
    return this.ahead === undefined ? this.#sendAlone(peer, options, onEvent) : this.#sendAndAsk(peer, this.ahead, options, onEvent)
  }

  async #sendAlone (peer: PeerId, options: RPCOptions, onEvent: (event: QueryEvent) => void): Promise<StoreResult> {
    let result: StoreResult = 'failed'

    for await (const event of this.#init.network.sendMessage(peer, this.#message, options)) {
      onEvent(event)
      result = event.name === 'PEER_RESPONSE' ? 'sent' : result
    }

    return result
  }

  async #sendAndAsk (peer: PeerId, ahead: Partial<DHTMessage>, options: RPCOptions, onEvent: (event: QueryEvent) => void): Promise<StoreResult> {
    const { network, contexts, requests, timeoutMs, now } = this.#init
    const request = await requests.begin(peer, now())
    const controller = new AbortController()
    const signal = options.signal === undefined ? controller.signal : AbortSignal.any([options.signal, controller.signal])
    let result: StoreResult = 'failed'

    contexts.set(signal, {
      hardDeadlineMs: timeoutMs,
      dialPriority: DEFAULT_DIAL_PRIORITY,
      ahead,
      onReached: () => {},
      onHeld: () => {},
      onSettled: outcome => {
        request.advance({ type: 'settled', now: now(), outcome: outcome.type === 'responded' ? { ...outcome, type: 'stored' } : outcome })
      }
    })

    for await (const event of network.sendRequest(peer, { type: 'GET_PROVIDERS', key: this.#message.key }, { ...options, signal })) {
      if (event.name === 'PEER_RESPONSE') {
        const [self] = this.#message.providers
        result = event.providers.some(({ id }) => uint8ArrayEquals(id.toMultihash().bytes, self.id)) ? 'confirmed' : 'read'
        onEvent(providerStoredEvent(peer, options))
      } else {
        onEvent(event)
      }
    }

    return result
  }
}

/**
 * The event of a provider record that a peer has read
 */
export function providerStoredEvent (from: PeerId, { path, onProgress }: Pick<RPCOptions, 'path' | 'onProgress'>): PeerResponseEvent {
  const event: PeerResponseEvent = { type: EventTypes.PEER_RESPONSE, name: 'PEER_RESPONSE', messageName: 'ADD_PROVIDER', messageType: MessageType.ADD_PROVIDER, from, closer: [], providers: [], path }
  onProgress?.(new CustomProgressEvent('kad-dht:query:peer-response', event))

  return event
}

function failureEvent (from: PeerId, error: Error, { path, onProgress }: RPCOptions): QueryEvent {
  const event: QueryEvent = { type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', from, error, path }
  onProgress?.(new CustomProgressEvent('kad-dht:query:query-error', event))

  return event
}
