import { isPeerId, TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { classifyFailure } from '../lookup/classify-failure.ts'
import { onDialReached } from '../streams/on-dial-reached.ts'
import { hasOpenConnection, isConnected } from '../streams/is-connected.ts'
import { patientTimeout } from '../lookup/patient-timeout.ts'
import { pingNeed } from '../../upkeep/ping-need.ts'
import type { RequestStage } from '../lookup/classify-failure.ts'
import type { SingleRequests } from '../lookup/single-requests.ts'
import type { StandstillWatch } from '../lookup/standstill-watch.ts'
import type { UpkeepParameters } from '../../parameters/upkeep-parameters.ts'
import type { PeerScores } from '../../routing-table/peer-scores.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager, OpenConnectionOptions } from '@libp2p/interface-internal'
import type { Ping } from '@libp2p/ping'

/** Dials for pings come after those of lookups, whose priority is 50 by default */
const PING_DIAL_PRIORITY = 10

export interface ScoredPingComponents {
  /** Read at each ping, as the ping service may be built after the DHT */
  readonly ping: Ping
  connectionManager: Pick<ConnectionManager, 'getConnections'>
}

export interface ScoredPingInit {
  scores: PeerScores<string>
  parameters: Pick<UpkeepParameters, 'freshAnswerMs'>
  requests: SingleRequests
  /** How long a ping may take, dial included, ms */
  timeoutMs: number
  now: () => number
  /** Connect to a peer, if an address of it is known */
  dial: (peer: PeerId, options: OpenConnectionOptions) => Promise<void>
  standstills: StandstillWatch
}

/**
 * kad-dht's view of the ping service. Every ping ends as an outcome, and in time. A peer that
 * has just answered is not pinged, nor is an unacceptable one, unless garbage collection
 * asks for it.
 */
export class ScoredPing {
  readonly #components: ScoredPingComponents
  readonly #init: ScoredPingInit
  readonly #insisted = new Set<string>()

  /** To be handed to kad-dht in place of the ping component */
  readonly component: Ping

  constructor (components: ScoredPingComponents, init: ScoredPingInit) {
    this.#components = components
    this.#init = init
    this.component = { ping: this.#ping.bind(this) }
  }

  /**
   * Ping these peers even though they are unacceptable: whether they leave the
   * routing table depends on it.
   *
   * @returns Ends the exception
   */
  insist (peers: PeerId[]): () => void {
    const handles = peers.map(peer => peer.toString())
    handles.forEach(handle => { this.#insisted.add(handle) })

    return () => { handles.forEach(handle => { this.#insisted.delete(handle) }) }
  }

  /**
   * Ping a peer whatever its score, to learn whether it is there. Resolves when that is known.
   */
  async verify (peer: PeerId, signal: AbortSignal): Promise<void> {
    const done = this.insist([peer])

    try {
      await this.#ping(peer, { signal })
    } finally {
      done()
    }
  }

  async #ping (peer: Parameters<Ping['ping']>[0], options: Parameters<Ping['ping']>[1] = {}): Promise<number> {
    // this throws on a node without the ping service, before the peer could be blamed
    const { ping } = this.#components

    if (!isPeerId(peer)) {
      return ping.ping(peer, options)
    }

    const { scores, requests, standstills, parameters, now } = this.#init
    const handle = peer.toString()
    const startedAt = now()
    const score = scores.get(handle)
    const dialled = !isConnected(this.#components.connectionManager, peer)

    const need = pingNeed({ score, peerClass: scores.classOf(handle, startedAt), connected: !dialled, isInsisted: this.#insisted.has(handle) }, parameters, startedAt)

    if (need === 'answered' && score?.latencyMs !== undefined) {
      return score.latencyMs
    }

    if (need === 'refused') {
      throw new UnacceptablePeerError(handle)
    }

    const timeout = new AbortController()
    const clearTimer = patientTimeout(() => { timeout.abort(new TimeoutError('The peer did not answer in time')) }, this.#init.timeoutMs, now)
    const signal = anySignal([options.signal, timeout.signal])
    setMaxListeners(Infinity, signal, timeout.signal)
    const ended = standstills.begin()
    const request = await requests.begin(peer, startedAt)
    let reached = !dialled

    try {
      // the ping service hands its options on to the dial queue, though their type does not say so
      const onProgress = onDialReached(() => { reached = true }, options.onProgress)
      const pingOptions = { priority: PING_DIAL_PRIORITY, ...options, signal, onProgress }
      await this.#init.dial(peer, pingOptions)
      const pingedAt = now()
      await answered(ping.ping(peer, pingOptions))
      // the ping service measures by the time of day, which may be set
      const latencyMs = now() - pingedAt

      standstills.look()
      request.advance({ type: 'settled', now: now(), outcome: { type: 'responded', latencyMs, setupMs: pingedAt - startedAt, dialled } })

      return latencyMs
    } catch (err) {
      if (options.signal?.aborted !== true) {
        const failure = classifyFailure(err, this.#stageOf(peer, reached), now() - startedAt)

        if (failure !== undefined) {
          request.advance({ type: 'settled', now: now(), outcome: failure })
        }
      }

      throw err
    } finally {
      clearTimer()
      ended()
      signal.clear()
    }
  }

  #stageOf (peer: PeerId, reached: boolean): RequestStage {
    if (!reached) {
      return 'dialling'
    }

    return hasOpenConnection(this.#components.connectionManager, peer) ? 'waiting' : 'disconnected'
  }
}

/**
 * Waits for the answer to a ping. A peer that does not know the ping protocol says so, which
 * is an answer as well: Rust leaves it to its users whether their nodes know it.
 */
async function answered (ping: Promise<number>): Promise<void> {
  try {
    await ping
  } catch (err) {
    if (err.name !== 'UnsupportedProtocolError') {
      throw err
    }
  }
}

class UnacceptablePeerError extends Error {
  static name = 'UnacceptablePeerError'
  name = 'UnacceptablePeerError'

  constructor (peer: string) {
    super(`${peer} was not pinged because it did not answer lately`)
  }
}
