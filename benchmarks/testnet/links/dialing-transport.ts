import { InvalidParametersError, serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { componentOf } from './open-socket.ts'
import type { ComponentLogger, Connection, DialTransportOptions, Listener, Logger, MultiaddrConnection, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface DialingTransportComponents {
  logger: ComponentLogger
}

/**
 * A transport that dials peers over TCP. How the link to a peer is opened is left to
 * subclasses. It does not listen.
 */
export abstract class DialingTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly #name: string
  /** The logger of the connections */
  protected readonly connectionLog: Logger

  /**
   * @param name - Name of the transport, such as `latency-transport`
   */
  constructor ({ logger }: DialingTransportComponents, name: string) {
    this.#name = name
    this.connectionLog = logger.forComponent(`libp2p:${name}:connection`)
  }

  get [Symbol.toStringTag] (): string {
    return `@libp2p/${this.#name}`
  }

  /** Open the link to a peer. It is not upgraded yet. */
  protected abstract open (peer: string, ma: Multiaddr, signal: AbortSignal): Promise<MultiaddrConnection>

  async dial (ma: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const peer = componentOf(ma, 'p2p')

    if (peer === undefined) {
      throw new InvalidParametersError(`${ma.toString()} names no peer`)
    }

    const maConn = await this.open(peer, ma, options.signal)

    try {
      return await options.upgrader.upgradeOutbound(maConn, options)
    } catch (err) {
      maConn.abort(err)
      throw err
    }
  }

  createListener (): Listener {
    throw new InvalidParametersError(`The ${this.#name} does not listen`)
  }

  listenFilter (): Multiaddr[] {
    return []
  }

  dialFilter (multiaddrs: Multiaddr[]): Multiaddr[] {
    return multiaddrs.filter(ma => /^\/ip4\/[^/]+\/tcp\/[^/]+(\/p2p\/[^/]+)?$/.test(ma.toString()))
  }
}
