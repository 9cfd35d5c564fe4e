import { setTimeout as delay } from 'node:timers/promises'
import { InvalidParametersError, TimeoutError, serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { DelayedConnection } from './delayed-connection.ts'
import { componentOf, openSocket } from './open-socket.ts'
import type { ComponentLogger, Connection, DialTransportOptions, Listener, Logger, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** When Linux gives a connection up that nobody answers, by default (tcp_syn_retries = 6), ms */
const SILENCE_MS = 127_000

export interface LatencyTransportInit {
  /** Round trip time of the link to a peer, ms */
  rttMs: (peer: string) => number
  /** Whether a peer never answers to a connection attempt */
  isSilent: (peer: string) => boolean
}

export interface LatencyTransportComponents {
  logger: ComponentLogger
}

/**
 * Dials over TCP as if the peers were far away: connecting takes a round trip,
 * and so does every exchange of the handshakes after it. It does not listen.
 */
export function latencyTransport (init: LatencyTransportInit): (components: LatencyTransportComponents) => Transport {
  return components => new LatencyTransport(components, init)
}

class LatencyTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@libp2p/latency-transport'
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly #init: LatencyTransportInit
  readonly #log: Logger

  constructor (components: LatencyTransportComponents, init: LatencyTransportInit) {
    this.#init = init
    this.#log = components.logger.forComponent('libp2p:latency-transport')
  }

  async dial (ma: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const peer = componentOf(ma, 'p2p')

    if (peer == null) {
      throw new InvalidParametersError(`${ma.toString()} names no peer`)
    }

    const { signal } = options
    const rttMs = this.#init.rttMs(peer)

    if (this.#init.isSilent(peer)) {
      await delay(SILENCE_MS, undefined, { signal })
      throw new TimeoutError(`${ma.toString()} did not answer`)
    }

    const socket = await openSocket(ma, rttMs, signal)
    const maConn = new DelayedConnection({ socket, remoteAddr: ma, rttMs, log: this.#log.newScope('connection') })

    try {
      return await options.upgrader.upgradeOutbound(maConn, options)
    } catch (err) {
      maConn.abort(err)
      throw err
    }
  }

  createListener (): Listener {
    throw new InvalidParametersError('The latency transport does not listen')
  }

  listenFilter (): Multiaddr[] {
    return []
  }

  dialFilter (multiaddrs: Multiaddr[]): Multiaddr[] {
    return multiaddrs.filter(ma => /^\/ip4\/[^/]+\/tcp\/[^/]+(\/p2p\/[^/]+)?$/.test(ma.toString()))
  }
}
