import { ProtocolError } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { varint } from 'multiformats'
import { concat as uint8ArrayConcat } from 'uint8arrays/concat'
import { dhtMessageCodec } from '../../kad-dht/dht-message.ts'
import { StreamTurn } from './stream-turn.ts'
import type { DHTMessage } from '../../kad-dht/dht-message.ts'
import type { KadDHTStream } from '../../kad-dht/internals.ts'
import type { AbortOptions, Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Go's limit for one DHT message, bytes */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

/** The most bytes of the length in front of such a message, seven bits in each */
const MAX_LENGTH_BYTES = 4

/** How long a peer that has answered may leave a stream open on its side after we have ended ours, ms */
const ANSWERED_MS = 1_000

/** The same for a peer that has not answered, ms: it may not have read the message yet, and kad-dht's servers give up reading after this time */
const UNANSWERED_MS = 10_000

/** Opens a new stream to a peer. If there is a message, it is sent as soon as possible. */
export type OpenStream = (options: AbortOptions, message?: Uint8Array) => Promise<Stream>

/** Told of a stream that we have ended on our side, if there was one, and how long the peer may leave it open on its own, ms */
export type OnEnd = (stream: Stream | undefined, halfOpenMs: number) => void

export interface RequestStreamInit {
  /** Opens the stream, on a new connection if the old one is gone */
  open: OpenStream
  /** The turn to open it */
  turn: StreamTurn
  /** Called when the stream is closed, and when it is aborted: maybe twice */
  onEnd: OnEnd
  /** Whether a connection from before the request is gone, so that another try may reach the peer */
  hasLostConnection: () => boolean
}

/**
 * A stream for one request. It has as much of a libp2p stream as kad-dht's network uses, and is
 * opened when there is something to send on it. It serves no second request, for two reasons:
 * libp2p closes no connection on which a stream is open, and only a new stream shows that the
 * peer still speaks the protocol.
 */
export class RequestStream {
  readonly #init: RequestStreamInit
  #messages: MessageStream | undefined
  #halfOpenMs = UNANSWERED_MS

  /**
   * The request stream that kad-dht was given. A stream of libp2p's own is wrapped in one.
   */
  static of (stream: KadDHTStream): RequestStream {
    if (stream instanceof RequestStream) {
      return stream
    }

    return new RequestStream({
      open: async (_, message) => sendOn(stream as Stream, message),
      turn: new StreamTurn(new Map(), ''),
      onEnd: () => {},
      hasLostConnection: () => false
    })
  }

  constructor (init: RequestStreamInit) {
    this.#init = init
  }

  /**
   * Send a request that has no answer. The stream is agreed on first, as nothing else tells
   * that the peer is there.
   */
  async write (message: Partial<DHTMessage>, options: AbortOptions): Promise<void> {
    await this.#init.turn.begin(options)
    this.#messages = new MessageStream(await this.#init.open(options))

    await this.#messages.write(message, options)
  }

  /**
   * Send a request and read its answer
   *
   * @param ahead - Messages without an answer that are sent first. A peer reads the messages of a stream in order, so the answer shows that it has read these.
   */
  async exchange (message: Partial<DHTMessage>, options: AbortOptions, ahead: Array<Partial<DHTMessage>> = []): Promise<DHTMessage> {
    const bytes = uint8ArrayConcat([...ahead, message].map(encodeMessage))
    await this.#init.turn.begin(options)

    try {
      return await this.#exchangeBytes(bytes, options)
    } catch (err) {
      if (options.signal?.aborted === true || !await this.#mayTryAgain(err, options)) {
        throw err
      }

      return this.#exchangeBytes(bytes, options)
    }
  }

  async close (options?: AbortOptions): Promise<void> {
    try {
      await this.#messages?.close(options)
    } finally {
      this.#end()
    }
  }

  abort (err: Error): void {
    this.#messages?.abort(err)
    this.#end()
  }

  #end (): void {
    this.#init.turn.end()
    this.#init.onEnd(this.#messages?.stream, this.#halfOpenMs)
  }

  async #mayTryAgain (err: Error, options: AbortOptions): Promise<boolean> {
    // the connection was gone before this request, which has only found it out
    if (this.#init.hasLostConnection()) {
      return true
    }

    if (!isReset(err) || !this.#init.turn.hasCompany) {
      return false
    }

    // our other requests may be more than the server allows at a time, which says nothing about the server
    await this.#init.turn.beginAgain(options)

    return true
  }

  async #exchangeBytes (bytes: Uint8Array, options: AbortOptions): Promise<DHTMessage> {
    this.#messages = new MessageStream(await this.#init.open(options, bytes))

    const answer = await this.#messages.read(options)
    this.#halfOpenMs = ANSWERED_MS

    return answer
  }
}

/**
 * Use a stream that is open already: send the message on it, if there is one
 */
export function sendOn (stream: Stream, message: Uint8Array | undefined): Stream {
  if (message !== undefined) {
    stream.send(message)
  }

  return stream
}

/**
 * A stream that carries DHT messages
 */
class MessageStream {
  readonly stream: Stream
  readonly #pb

  constructor (stream: Stream) {
    this.stream = stream
    this.#pb = pbStream(stream, { maxDataLength: MAX_MESSAGE_BYTES, lengthDecoder: decodeLength }).pb(dhtMessageCodec)
  }

  async write (message: Partial<DHTMessage>, options: AbortOptions): Promise<void> {
    await this.#pb.write(message as DHTMessage, options)
  }

  async read (options: AbortOptions): Promise<DHTMessage> {
    return this.#pb.read(options)
  }

  async close (options?: AbortOptions): Promise<void> {
    await this.stream.close(options)
  }

  abort (err: Error): void {
    this.stream.abort(err)
  }
}

/**
 * Whether the peer has ended the stream without an answer
 */
function isReset ({ name }: Error): boolean {
  return name === 'StreamResetError' || name === 'UnexpectedEOFError' || name === 'StreamStateError'
}

function encodeMessage (message: Partial<DHTMessage>): Uint8Array {
  const bytes = dhtMessageCodec.encode(message)
  const lengthBytes = varint.encodingLength(bytes.byteLength)
  const framed = new Uint8Array(lengthBytes + bytes.byteLength)

  varint.encodeTo(bytes.byteLength, framed)
  framed.set(bytes, lengthBytes)

  return framed
}

/**
 * Reads the length in front of a message. Without this limit a peer could send bytes of a
 * length without end.
 *
 * @throws {RangeError} There are more bytes of the length to come
 * @throws {ProtocolError} The length has too many bytes
 */
function decodeLength (bytes: Uint8ArrayList): number {
  if (bytes.byteLength > MAX_LENGTH_BYTES) {
    throw new ProtocolError('The length of a message is too long')
  }

  return varint.decode(bytes.subarray())[0]
}
