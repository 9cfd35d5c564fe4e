import { EventTypes, MessageType } from '@libp2p/kad-dht'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { CustomProgressEvent } from 'progress-events'
import { equals as uint8ArrayEquals } from 'uint8arrays/equals'
import { isStreamEnd } from '../lookup/outcome-observer.ts'
import type { DHTMessage, DHTMessagePeer } from '../../kad-dht/dht-message.ts'
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
 * - `refused`: it has shown that it does not want it
 * - `failed`: nothing is known, as it does not answer
 */
export type StoreResult = 'confirmed' | 'read' | 'sent' | 'refused' | 'failed'

/**
 * Whether a peer may be counted among those that hold a record
 */
export function isHolder (result: StoreResult): boolean {
  return result !== 'refused' && result !== 'failed'
}

/**
 * How a record is stored with one peer
 */
export interface RecordSender {
  /** A message that stores the record and has no answer, so that it can be sent ahead of a question */
  readonly ahead?: Partial<DHTMessage> | undefined
  /** Whether the consumer gets an event `FINAL_PEER` for each peer that the record is stored with, as kad-dht gives for provider records */
  readonly isAnnounced: boolean

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
  readonly isAnnounced = false
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
    let isSent = false

    for await (const event of this.#network.sendRequest(peer, this.#message, options)) {
      onEvent(event)

      if (event.name === 'SEND_QUERY') {
        isSent = true
      } else if (event.name === 'PEER_RESPONSE') {
        result = event.record !== undefined && uint8ArrayEquals(event.record.value, this.#value) ? 'confirmed' : 'refused'

        if (result === 'refused') {
          onEvent(failureEvent(peer, new Error('Value not put correctly'), options))
        }
      } else if (event.name === 'QUERY_ERROR' && isSent && isStreamEnd(event.error)) {
        // Go refuses a value in this way
        result = 'refused'
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
  readonly isAnnounced = true

  /** @param message - ADD_PROVIDER */
  constructor (init: ProviderSenderInit, message: Partial<DHTMessage> & Pick<DHTMessage, 'providers'>) {
    this.#init = init
    this.#message = message
    this.ahead = message.key !== undefined && isSHA256(message.key) ? message : undefined
  }

  /** @param others - More provider records, which go ahead of this one on the same stream */
  async send (peer: PeerId, options: RPCOptions, onEvent: (event: QueryEvent) => void, others: Array<Partial<DHTMessage>> = []): Promise<StoreResult> {
    const { network } = this.#init
    let result: StoreResult = 'failed'

    if (this.ahead === undefined) {
      for await (const event of network.sendMessage(peer, this.#message, options)) {
        onEvent(event)
        result = event.name === 'PEER_RESPONSE' ? 'sent' : result
      }

      return result
    }

    // one of its own, as the context is found by it
    const signal = anySignal([options.signal])
    setMaxListeners(Infinity, signal)
    await this.#setContext(peer, signal, others, ({ providers }) => { result = this.#isNamedIn(providers) ? 'confirmed' : 'read' })

    try {
      for await (const event of network.sendMessage(peer, this.#message, { ...options, signal })) {
        onEvent(event)
      }
    } finally {
      signal.clear()
    }

    return result
  }

  /** Make the context of a store, by which the code that sends the record asks for the providers behind it */
  async #setContext (peer: PeerId, signal: AbortSignal, ahead: Array<Partial<DHTMessage>>, onAnswer: (answer: DHTMessage) => void): Promise<void> {
    const { contexts, requests, timeoutMs, now } = this.#init
    const request = await requests.begin(peer, now())

    contexts.set(signal, {
      hardDeadlineMs: timeoutMs,
      dialPriority: DEFAULT_DIAL_PRIORITY,
      ahead,
      confirmation: { question: { type: 'GET_PROVIDERS', key: this.#message.key }, onAnswer },
      onReached: () => {},
      onHeld: () => {},
      onSettled: outcome => { request.advance({ type: 'settled', now: now(), outcome }) }
    })
  }

  #isNamedIn (providers: DHTMessagePeer[]): boolean {
    const [self] = this.#message.providers

    return providers.some(({ id }) => uint8ArrayEquals(id, self.id))
  }
}

/**
 * Whether a key is a SHA2-256 multihash. js servers take provider records of no other.
 */
export function isSHA256 (key: Uint8Array): boolean {
  return SHA2_256.every((byte, index) => key[index] === byte)
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
