import { DialBackoff } from './dial-backoff.ts'
import type { ClientComponents } from './client.ts'
import type { RequestEnd, RequestLimits } from './connections.ts'
import type { GoLimits } from './go-limits.ts'

export interface GoRequestHandlers {
  onConnected? (): void
  /** `latencyMs`: from the request being written; undefined when there was no answer */
  onEnd (latencyMs: number | undefined): void
}

/**
 * Requests as go-libp2p and go-kad-dht make them: their time-outs, their dial backoff
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
   * @param counter - Counts the request, unless a recent failure forbids the dial
   * @param totalMs - Give up then at the latest
   * @returns Gives up, without `onEnd`
   */
  ask (counter: { queries: number }, node: number, handlers: GoRequestHandlers, totalMs = Infinity): () => void {
    return this.#ask(counter, node, totalMs, true, handlers)
  }

  /**
   * Store a record with a peer
   *
   * @param answered - Whether the peer answers; if not, it is done when it is sent
   * @param totalMs - Give up then at the latest
   * @returns Gives up, without `onEnd`
   */
  store (counter: { queries: number }, node: number, answered: boolean, totalMs: number, onEnd: (stored: boolean) => void): () => void {
    return this.#ask(counter, node, Math.min(totalMs, this.#limits.putMs), answered, {
      onEnd: latencyMs => { onEnd(latencyMs != null) }
    })
  }

  #ask (counter: { queries: number }, node: number, totalMs: number, answered: boolean, handlers: GoRequestHandlers): () => void {
    const { clock, connections } = this.#components
    let isConnected = connections.isOpen(node)

    if (!isConnected && this.#backoff.blocks(node, clock.now)) {
      return clock.schedule(0, () => { handlers.onEnd(undefined) })
    }

    counter.queries++

    return connections.ask(node, this.#limitsOf(node, totalMs), {
      onConnected: () => {
        isConnected = true
        this.#backoff.connected(node)
        handlers.onConnected?.()
      },
      onEnd: (end: RequestEnd) => {
        if (!isConnected) {
          this.#backoff.failed(node, clock.now)
        }

        handlers.onEnd(end.type === 'answered' ? end.latencyMs : undefined)
      }
    }, { answered })
  }

  #limitsOf (node: number, totalMs: number): RequestLimits {
    const { connectMs, peerDialMs, dialMs, websocketDialMs, answerMs } = this.#limits

    return {
      firstSignMs: Math.min(connectMs * this.#addressRounds(node), peerDialMs),
      connectedMs: this.#isWebsocket(node) ? websocketDialMs : dialMs,
      answerMs,
      totalMs
    }
  }

  /** How many times as many addresses as are tried at the same time a peer has, the same for everybody */
  #addressRounds (node: number): number {
    const [high, low] = this.#components.world.population.kadId(node).subarray(-3)
    const uniform = 1 - (high * 256 + low + 0.5) / 65_536

    return 1 + Math.floor(Math.log(uniform) / Math.log(this.#limits.moreAddressesShare))
  }

  /** The same peers for everybody: those whose kad id ends in a low byte */
  #isWebsocket (node: number): boolean {
    return (this.#components.world.population.kadId(node).at(-1) ?? 0) / 256 < this.#limits.websocketShare
  }
}
