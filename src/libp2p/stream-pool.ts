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

export interface StreamPoolInit {
  /** Open a new stream to a peer */
  open: (peer: PeerId, options: AbortOptions) => Promise<Stream>
  now: () => number
}

/**
 * Keeps the stream of an answered request for the next request to the same peer:
 * servers answer many messages on one stream, and a new one costs a round trip to
 * agree on the protocol.
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

    const open = async (openOptions: AbortOptions): Promise<MessageStream> => new MessageStream(await this.init.open(peer, openOptions))
    const giveBack = (messages: MessageStream): void => { this.keep(handle, messages) }

    return kept?.messages.isOpen === true
      ? new LentStream(kept.messages, true, open, giveBack)
      : new LentStream(await open(options), false, open, giveBack)
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
 * uses: `close` gives it back, `abort` ends it.
 */
export class LentStream {
  private messages: MessageStream
  private reused: boolean
  private readonly open: (options: AbortOptions) => Promise<MessageStream>
  private readonly giveBack: (messages: MessageStream) => void

  /**
   * The stream as it was lent; one of libp2p's own is used once
   */
  static of (stream: KadDHTStream): LentStream {
    if (stream instanceof LentStream) {
      return stream
    }

    const once = async (): Promise<never> => { throw new Error('The stream was not lent') }

    return new LentStream(new MessageStream(stream as Stream), false, once, () => {})
  }

  constructor (messages: MessageStream, reused: boolean, open: (options: AbortOptions) => Promise<MessageStream>, giveBack: (messages: MessageStream) => void) {
    this.messages = messages
    this.reused = reused
    this.open = open
    this.giveBack = giveBack
  }

  /**
   * Send a request that has no answer
   */
  async write (message: Partial<DHTMessage>, options: AbortOptions): Promise<void> {
    if (this.reused) {
      // nothing would tell that the server had stopped reading
      this.giveBack(this.messages)
      this.reused = false
      this.messages = await this.open(options)
    }

    await this.messages.write(message, options)
  }

  /**
   * Send a request and read its answer
   */
  async exchange (message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage> {
    return this.retry(async () => {
      await this.messages.write(message, options)

      return this.messages.read(options)
    }, options)
  }

  async close (): Promise<void> {
    this.giveBack(this.messages)
  }

  abort (err: Error): void {
    this.messages.abort(err)
  }

  /**
   * The server may have closed a kept stream just when it was used again, which
   * says nothing about the peer
   */
  private async retry<T> (request: () => Promise<T>, options: AbortOptions): Promise<T> {
    try {
      return await request()
    } catch (err) {
      if (!this.reused || options.signal?.aborted === true) {
        throw err
      }

      this.messages.abort(err)
      this.reused = false
      this.messages = await this.open(options)

      return request()
    }
  }
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
