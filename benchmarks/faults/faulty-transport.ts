import { DialingTransport } from '../testnet/links/dialing-transport.ts'
import { openSocket } from '../testnet/links/open-socket.ts'
import { FaultyConnection } from './faulty-connection.ts'
import type { FaultyLinks } from './faulty-links.ts'
import type { DialingTransportComponents } from '../testnet/links/dialing-transport.ts'
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Dials over TCP, with the faults of the links. It does not listen.
 */
export function faultyTransport (links: FaultyLinks): (components: DialingTransportComponents) => Transport {
  return components => new FaultyTransport(components, links)
}

class FaultyTransport extends DialingTransport {
  readonly #links: FaultyLinks

  constructor (components: DialingTransportComponents, links: FaultyLinks) {
    super(components, 'faulty-transport')
    this.#links = links
  }

  protected async open (peer: string, ma: Multiaddr, signal: AbortSignal): Promise<FaultyConnection> {
    const { connectMs } = this.#links.link(peer)
    const maConn = new FaultyConnection({
      peer,
      socket: await this.#links.dial(peer, ma, signal, async signal => openSocket(ma, connectMs, signal)),
      remoteAddr: ma,
      rttMs: () => {
        const { dataMs } = this.#links.link(peer)

        return typeof dataMs === 'function' ? dataMs() : dataMs
      },
      log: this.connectionLog
    })

    this.#links.opened(maConn)

    return maConn
  }
}
