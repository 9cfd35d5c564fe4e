import { InvalidParametersError, serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { componentOf, openSocket } from '../testnet/open-socket.ts'
import { FaultyConnection } from './faulty-connection.ts'
import type { FaultyLinks } from './faulty-links.ts'
import type { ComponentLogger, Connection, DialTransportOptions, Listener, Logger, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface FaultyTransportComponents {
  logger: ComponentLogger
}

/**
 * Dials over TCP, with all that happens to the links in between. It does not listen.
 */
export function faultyTransport (links: FaultyLinks): (components: FaultyTransportComponents) => Transport {
  return components => new FaultyTransport(components, links)
}

class FaultyTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@libp2p/faulty-transport'
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly #links: FaultyLinks
  readonly #log: Logger

  constructor (components: FaultyTransportComponents, links: FaultyLinks) {
    this.#links = links
    this.#log = components.logger.forComponent('libp2p:faulty-transport')
  }

  async dial (ma: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const peer = componentOf(ma, 'p2p')

    if (peer === undefined) {
      throw new InvalidParametersError(`${ma.toString()} names no peer`)
    }

    const { connectMs } = this.#links.link(peer)
    const socket = await this.#links.dial(peer, ma, options.signal, async signal => openSocket(ma, connectMs, signal))
    const maConn = new FaultyConnection({
      peer,
      socket,
      remoteAddr: ma,
      rttMs: () => {
        const { dataMs } = this.#links.link(peer)

        return typeof dataMs === 'function' ? dataMs() : dataMs
      },
      log: this.#log.newScope('connection')
    })

    this.#links.opened(maConn)

    try {
      return await options.upgrader.upgradeOutbound(maConn, options)
    } catch (err) {
      maConn.abort(err)
      throw err
    }
  }

  createListener (): Listener {
    throw new InvalidParametersError('The faulty transport does not listen')
  }

  listenFilter (): Multiaddr[] {
    return []
  }

  dialFilter (multiaddrs: Multiaddr[]): Multiaddr[] {
    return multiaddrs.filter(ma => /^\/ip4\/[^/]+\/tcp\/[^/]+(\/p2p\/[^/]+)?$/.test(ma.toString()))
  }
}
