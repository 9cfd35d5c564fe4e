import { setTimeout as delay } from 'node:timers/promises'
import { TimeoutError } from '@libp2p/interface'
import { DelayedConnection } from './delayed-connection.ts'
import { DialingTransport } from './dialing-transport.ts'
import { openSocket } from './open-socket.ts'
import type { DialingTransportComponents } from './dialing-transport.ts'
import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Linux gives up connecting when nothing has come back for this long, by default (tcp_syn_retries = 6), ms */
const SILENCE_MS = 127_000

export interface LatencyTransportInit {
  /** Round trip time of the link to a peer, ms */
  rttMs: (peer: string) => number
  /** Whether nothing ever comes back from a peer that is dialled */
  isSilent: (peer: string) => boolean
}

/**
 * Dials over TCP as if the peers were far away. Connecting takes a round trip, and so
 * does every exchange of the handshakes that follow. It does not listen.
 */
export function latencyTransport (init: LatencyTransportInit): (components: DialingTransportComponents) => Transport {
  return components => new LatencyTransport(components, init)
}

class LatencyTransport extends DialingTransport {
  readonly #init: LatencyTransportInit

  constructor (components: DialingTransportComponents, init: LatencyTransportInit) {
    super(components, 'latency-transport')
    this.#init = init
  }

  protected async open (peer: string, ma: Multiaddr, signal: AbortSignal): Promise<DelayedConnection> {
    const rttMs = this.#init.rttMs(peer)

    if (this.#init.isSilent(peer)) {
      await delay(SILENCE_MS, undefined, { signal })
      throw new TimeoutError(`${ma.toString()} did not answer`)
    }

    return new DelayedConnection({ socket: await openSocket(ma, rttMs, signal), remoteAddr: ma, rttMs, log: this.connectionLog })
  }
}
