import { DialBackoff } from './dial-backoff.ts'
import type { ClientComponents } from '../client.ts'
import type { RequestEnd, RequestLimits } from '../requests/connections.ts'
import type { GoLimits } from './go-limits.ts'

export interface GoRequestHandlers {
  onConnected? (): void
  /** `latencyMs` is the time from the writing of the request to the answer, ms, or undefined when there was no answer */
  onEnd (latencyMs: number | undefined): void
}

/**
 * Requests as go-libp2p and go-kad-dht make them, with their time-outs and their dial
 * backoff
 */
export class GoRequests {
  readonly #components: ClientComponents
  readonly #limits: GoLimits
  readonly #backoff = new DialBackoff()

  constructor (components: ClientComponents, limits: GoLimits) {
    this.#components = components
    this.#limits = limits
  }

  /**
   * Ask a peer
   *
   * @param counter - Counts the request, unless the dial backoff forbids it
   * @param totalMs - Time limit for the whole request, ms
   * @returns Cancels the request, so that `onEnd` is not called
   */
  ask (counter: { queries: number }, node: number, handlers: GoRequestHandlers, totalMs = Infinity): () => void {
    return this.#ask(counter, node, totalMs, true, handlers)
  }

  /**
   * Store a record with a peer
   *
   * @param answered - Whether the peer answers. If not, the request is done when it is sent.
   * @param totalMs - Time limit for the whole request, ms
   * @returns Cancels the request, so that `onEnd` is not called
   */
  store (counter: { queries: number }, node: number, answered: boolean, totalMs: number, onEnd: (stored: boolean) => void): () => void {
    return this.#ask(counter, node, Math.min(totalMs, this.#limits.putMs), answered, {
      onEnd: latencyMs => { onEnd(latencyMs !== undefined) }
    })
  }

  #ask (counter: { queries: number }, node: number, totalMs: number, answered: boolean, handlers: GoRequestHandlers): () => void {
    const { clock, connections } = this.#components
    let isConnected = connections.isOpen(node)

    const rounds = isConnected ? 1 : this.#backoff.open(node, this.#addressRounds(node), this.#limits.connectMs, clock.now)

    if (rounds === 0) {
      return clock.schedule(0, () => { handlers.onEnd(undefined) })
    }

    counter.queries++

    return connections.ask(node, this.#limitsOf(rounds, totalMs), {
      onConnected: () => {
        isConnected = true
        this.#backoff.connected(node)
        handlers.onConnected?.()
      },
      onEnd: (end: RequestEnd) => {
        // a dial that reaches the time limit of the whole peer is cancelled, and no address counts as failed
        if (!isConnected && !(end.type === 'timedOut' && end.afterMs >= this.#limits.peerDialMs)) {
          this.#backoff.failed(node, clock.now)
        }

        handlers.onEnd(end.type === 'answered' ? end.latencyMs : undefined)
      }
    }, { answered })
  }

  #limitsOf (rounds: number, totalMs: number): RequestLimits {
    const { connectMs, peerDialMs, dialMs, answerMs } = this.#limits

    return {
      firstSignMs: Math.min(connectMs * rounds, peerDialMs),
      connectedMs: dialMs,
      answerMs,
      totalMs
    }
  }

  /** Number of rounds in which a peer's addresses are tried. It is the same for every client. */
  #addressRounds (node: number): number {
    const [high, low] = this.#components.world.population.kadId(node).subarray(-3)
    const uniform = 1 - (high * 256 + low + 0.5) / 65_536

    return 1 + Math.floor(Math.log(uniform) / Math.log(this.#limits.moreAddressesShare))
  }
}
