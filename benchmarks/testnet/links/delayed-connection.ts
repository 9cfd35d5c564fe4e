import { AbstractMultiaddrConnection } from '@libp2p/utils'
import { DelayLine } from './delay-line.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Socket } from 'node:net'
import type { Uint8ArrayList } from 'uint8arraylist'

/**
 * Limit of bytes on their way in one direction. Beyond it the sender has to wait. It is
 * more than a DHT ever sends, and small enough for 1,000 connections.
 */
const WINDOW = 256 * 1024

export interface DelayedConnectionInit {
  socket: Socket
  remoteAddr: Multiaddr
  /** Round trip time of the link, ms. Each direction takes half of it. A function is called anew for each item that is sent. */
  rttMs: number | (() => number)
  log: Logger
}

/** What travels over the link */
type Cargo = { type: 'data', data: Uint8Array } | { type: 'end' }

/**
 * A TCP connection over a long link. Everything that is sent, the end included, reaches
 * the other side half a round trip later.
 */
export class DelayedConnection extends AbstractMultiaddrConnection {
  readonly #socket: Socket
  readonly #outbound: DelayLine<Cargo>
  readonly #inbound: DelayLine<Cargo>
  #outboundBytes = 0
  #inboundBytes = 0
  #wanted = true

  constructor ({ socket, remoteAddr, rttMs, log }: DelayedConnectionInit) {
    super({ remoteAddr, log, direction: 'outbound' })

    const oneWayMs = (): number => (typeof rttMs === 'function' ? rttMs() : rttMs) / 2

    this.#socket = socket
    this.#outbound = new DelayLine(oneWayMs, cargo => { this.#depart(cargo) })
    this.#inbound = new DelayLine(oneWayMs, cargo => { this.#arrive(cargo) })

    socket.on('data', data => {
      this.#inboundBytes += data.byteLength
      this.#inbound.push({ type: 'data', data })
      this.#throttle()
    })
    socket.on('drain', () => { this.#mayDrain() })
    socket.on('error', err => { this.abort(err) })
    socket.once('end', () => { this.#inbound.push({ type: 'end' }) })
    socket.once('close', () => { this.#inbound.push({ type: 'end' }) })

    this.addEventListener('close', () => {
      this.#outbound.clear()
      this.#inbound.clear()
    })
  }

  /**
   * From now on nothing gets through in either direction, and neither side is told
   */
  hold (): void {
    this.#outbound.hold()
    this.#inbound.hold()
  }

  /**
   * Let everything through again. What was sent in between arrives late.
   */
  release (): void {
    this.#outbound.release()
    this.#inbound.release()
  }

  sendData (data: Uint8ArrayList): SendResult {
    for (const chunk of data) {
      this.#outboundBytes += chunk.byteLength
      this.#outbound.push({ type: 'data', data: chunk })
    }

    return { sentBytes: data.byteLength, canSendMore: this.#canSendMore() }
  }

  async sendClose (options?: AbortOptions): Promise<void> {
    if (this.#socket.destroyed) {
      return
    }

    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => { reject(options?.signal?.reason) }

    this.#socket.once('close', () => { resolve() })
    options?.signal?.addEventListener('abort', onAbort)
    this.#outbound.push({ type: 'end' })

    try {
      options?.signal?.throwIfAborted()
      await promise
    } finally {
      options?.signal?.removeEventListener('abort', onAbort)
    }
  }

  sendReset (): void {
    // a socket that is already closing cannot be reset any more
    if (this.#socket.writableEnded) {
      this.#socket.destroy()
    } else {
      this.#socket.resetAndDestroy()
    }
  }

  sendPause (): void {
    this.#wanted = false
    this.#throttle()
  }

  sendResume (): void {
    this.#wanted = true
    this.#throttle()
  }

  #depart (cargo: Cargo): void {
    if (cargo.type === 'end') {
      this.#socket.destroySoon()
      return
    }

    this.#outboundBytes -= cargo.data.byteLength

    if (this.#socket.writable) {
      this.#socket.write(cargo.data)
    }

    this.#mayDrain()
  }

  #arrive (cargo: Cargo): void {
    if (cargo.type === 'end') {
      this.onTransportClosed()
      return
    }

    this.#inboundBytes -= cargo.data.byteLength
    this.onData(cargo.data)
    this.#throttle()
  }

  #canSendMore (): boolean {
    return this.#outboundBytes + this.#socket.writableLength < WINDOW
  }

  #mayDrain (): void {
    if (this.writableNeedsDrain && this.#canSendMore()) {
      this.safeDispatchEvent('drain')
    }
  }

  #throttle (): void {
    if (this.#wanted && this.#inboundBytes < WINDOW) {
      this.#socket.resume()
    } else {
      this.#socket.pause()
    }
  }
}
