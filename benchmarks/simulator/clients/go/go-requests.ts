import { DialBackoff } from './dial-backoff.ts'
import type { ClientComponents } from '../client.ts'
import type { RequestEnd, RequestLimits } from '../requests/connections.ts'
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
        // a dial that takes all the time there is for a peer is given up, which is no failure of an address
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

  /** How many times as many addresses as are tried at the same time a peer has, the same for everybody */
  #addressRounds (node: number): number {
    const [high, low] = this.#components.world.population.kadId(node).subarray(-3)
    const uniform = 1 - (high * 256 + low + 0.5) / 65_536

    return 1 + Math.floor(Math.log(uniform) / Math.log(this.#limits.moreAddressesShare))
  }
}
