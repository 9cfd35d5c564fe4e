import { ProtocolError } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { varint } from 'multiformats'
import { dhtMessageCodec } from './dht-message.ts'
import type { DHTMessage } from './dht-message.ts'
import type { KadDHTStream } from './kad-dht-internals.ts'
import type { AbortOptions, PeerId, Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Go's limit for one DHT message, bytes */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

/** Bytes of the length that precedes such a message, seven bits in each */
const MAX_LENGTH_BYTES = 4

/** kad-dht's servers close a stream on which nothing came for 10 s, Go's after a minute */
const IDLE_MS = 8_000

/** Idle streams kept over all peers, at most one for each */
const MAX_IDLE = 1_000

/** Opens a new stream to a peer; a message given is sent on it at the first opportunity */
export type OpenStream = (options: AbortOptions, message?: Uint8Array) => Promise<Stream>

export interface StreamPoolInit {
  /** Connect to a peer where there is no connection yet */
  connect: (peer: PeerId, options: AbortOptions) => Promise<OpenStream>
  now: () => number
}

/**
 * Keeps the stream of an answered request for the next request to the same peer:
 * servers answer many messages on one stream, and each new one has to be agreed on.
 */
export class StreamPool {
  private readonly init: StreamPoolInit
  /** By `peerId.toString()`, the one idle for longest first */
  private readonly idle = new Map<string, { messages: MessageStream, since: number }>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor (init: StreamPoolInit) {
    this.init = init
  }

  /** How many streams wait for their next request */
  get size (): number {
    return this.idle.size
  }

  /**
   * Whether a request to this peer would find a stream
   */
  has (peer: string): boolean {
    return this.idle.get(peer)?.messages.isOpen === true
  }

  /**
   * Lend a stream for one request
   */
  async lend (peer: PeerId, options: AbortOptions): Promise<LentStream> {
    const handle = peer.toString()
    const kept = this.idle.get(handle)
    this.idle.delete(handle)

    if (kept?.messages.isOpen === false) {
      kept.messages.close()
    }

    const giveBack = (messages: MessageStream): void => { this.keep(handle, messages) }

    if (kept?.messages.isOpen === true) {
      return new LentStream(kept.messages, async (options, message) => (await this.init.connect(peer, options))(options, message), giveBack)
    }

    return new LentStream(undefined, await this.init.connect(peer, options), giveBack)
  }

  /**
   * Close all idle streams
   */
  clear (): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.idle.forEach(({ messages }) => { messages.close() })
    this.idle.clear()
  }

  private keep (peer: string, messages: MessageStream): void {
    if (!messages.isOpen) {
      messages.close()
      return
    }

    this.idle.get(peer)?.messages.close()
    this.idle.delete(peer)
    this.idle.set(peer, { messages, since: this.init.now() })

    if (this.idle.size > MAX_IDLE) {
      this.closeOldest()
    }

    this.schedule()
  }

  private closeOldest (): void {
    const [[peer, { messages }]] = this.idle
    this.idle.delete(peer)
    messages.close()
  }

  private schedule (): void {
    const oldest = this.idle.values().next().value

    if (this.timer != null || oldest == null) {
      return
    }

    this.timer = setTimeout(() => {
      this.timer = undefined

      while (this.idle.size > 0 && this.isDue()) {
        this.closeOldest()
      }

      this.schedule()
    }, Math.max(1, oldest.since + IDLE_MS - this.init.now()))
    this.timer.unref?.()
  }

  private isDue (): boolean {
    const [{ since }] = this.idle.values()

    return since + IDLE_MS <= this.init.now()
  }
}

/**
 * A stream for one request, with as much of a libp2p stream as kad-dht's network
 * uses: `close` gives it back, `abort` ends it. One that was not kept is opened
 * when there is something to send on it.
 */
export class LentStream {
  private messages: MessageStream | undefined
  private readonly open: OpenStream
  private readonly giveBack: (messages: MessageStream) => void

  /**
   * The stream as it was lent; one of libp2p's own is used once
   */
  static of (stream: KadDHTStream): LentStream {
    if (stream instanceof LentStream) {
      return stream
    }

    return new LentStream(undefined, async (_, message) => sendOn(stream as Stream, message), () => {})
  }

  /**
   * @param kept - The stream of an earlier request
   * @param open - Opens a new one
   * @param giveBack - Takes the stream of an answered request
   */
  constructor (kept: MessageStream | undefined, open: OpenStream, giveBack: (messages: MessageStream) => void) {
    this.messages = kept
    this.open = open
    this.giveBack = giveBack
  }

  /**
   * Send a request that has no answer. That its stream is agreed on first is all
   * that tells of its arrival.
   */
  async write (message: Partial<DHTMessage>, options: AbortOptions): Promise<void> {
    if (this.messages != null) {
      // nothing would tell that the server had stopped reading
      this.giveBack(this.messages)
    }

    this.messages = new MessageStream(await this.open(options))

    await this.messages.write(message, options)
  }

  /**
   * Send a request and read its answer
   */
  async exchange (message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage> {
    if (this.messages == null) {
      return this.exchangeOnNew(message, options)
    }

    try {
      await this.messages.write(message, options)

      return await this.messages.read(options)
    } catch (err) {
      if (options.signal?.aborted === true) {
        throw err
      }

      // the server may have closed a kept stream just when it was used again, which
      // says nothing about the peer
      this.messages.abort(err)

      return this.exchangeOnNew(message, options)
    }
  }

  async close (): Promise<void> {
    if (this.messages != null) {
      this.giveBack(this.messages)
    }
  }

  abort (err: Error): void {
    this.messages?.abort(err)
  }

  private async exchangeOnNew (message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage> {
    this.messages = new MessageStream(await this.open(options, encodeMessage(message)))

    return this.messages.read(options)
  }
}

/**
 * A stream that is open already, as `OpenStream` would give it
 */
export function sendOn (stream: Stream, message: Uint8Array | undefined): Stream {
  if (message != null) {
    stream.send(message)
  }

  return stream
}

/**
 * A stream that carries DHT messages
 */
class MessageStream {
  private readonly stream: Stream
  private readonly pb

  constructor (stream: Stream) {
    this.stream = stream
    this.pb = pbStream(stream, { maxDataLength: MAX_MESSAGE_BYTES, lengthDecoder: decodeLength }).pb(dhtMessageCodec)
  }

  get isOpen (): boolean {
    return this.stream.status === 'open' && this.stream.readStatus === 'readable' && this.stream.writeStatus === 'writable'
  }

  async write (message: Partial<DHTMessage>, options: AbortOptions): Promise<void> {
    await this.pb.write(message as DHTMessage, options)
  }

  async read (options: AbortOptions): Promise<DHTMessage> {
    return this.pb.read(options)
  }

  close (): void {
    this.stream.close().catch(err => { this.stream.abort(err) })
  }

  abort (err: Error): void {
    this.stream.abort(err)
  }
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
 * Left to itself the reader goes on for as long as the peer sends bytes that no length ends with
 *
 * @throws {RangeError} There is more to come
 */
function decodeLength (bytes: Uint8ArrayList): number {
  if (bytes.byteLength > MAX_LENGTH_BYTES) {
    throw new ProtocolError('The length of a message is too long')
  }

  return varint.decode(bytes.subarray())[0]
}
