import { raceSignal } from 'race-signal'
import type { AbortOptions } from '@libp2p/interface'

/** How many streams to one peer there are at a time. A js server breaks a new connection when more than ten begin before it is ready for them. */
const MAX_AT_ONCE = 8

/** The requests to one peer: how many have a stream, and those that wait for one, the longest first */
interface Requests {
  active: number
  waiting: Array<() => void>
}

/** The requests to each peer that is asked at the moment, by its handle */
export type StreamTurns = Map<string, Requests>

/**
 * A request's turn to have a stream to a peer. A server resets the streams beyond the number
 * that it allows, and nothing tells that number beforehand. A request whose stream is reset
 * waits until another request to the same peer ends. Beyond eight at a time every request waits.
 */
export class StreamTurn {
  readonly #turns: StreamTurns
  readonly #peer: string
  #isActive = false

  /**
   * @param turns - Shared by all requests
   * @param peer - The peer's handle
   */
  constructor (turns: StreamTurns, peer: string) {
    this.#turns = turns
    this.#peer = peer
  }

  /** Whether there are other requests to the peer */
  get hasCompany (): boolean {
    const { active, waiting } = this.#requests

    return active + waiting.length > 1
  }

  /**
   * Take the turn, after the requests that wait already
   *
   * @throws {AbortError} The signal was aborted meanwhile
   */
  async begin (options: AbortOptions): Promise<void> {
    if (this.#requests.waiting.length > 0 || this.#requests.active >= MAX_AT_ONCE) {
      await this.#wait(options)
    } else {
      this.#requests.active++
      this.#isActive = true
    }
  }

  /**
   * Give the turn up, and take it again when another request has ended. Where no other request
   * has a stream, this one keeps its turn.
   *
   * @throws {AbortError} The signal was aborted meanwhile
   */
  async beginAgain (options: AbortOptions): Promise<void> {
    if (this.#requests.active > 1) {
      this.#requests.active--
      this.#isActive = false
      await this.#wait(options)
    }
  }

  /** The stream is closed, so the request that has waited for longest is next */
  end (): void {
    if (!this.#isActive) {
      return
    }

    const requests = this.#requests
    this.#isActive = false
    const next = requests.waiting.shift()

    if (next !== undefined) {
      next()
      return
    }

    requests.active--

    if (requests.active === 0) {
      this.#turns.delete(this.#peer)
    }
  }

  get #requests (): Requests {
    const requests = this.#turns.get(this.#peer) ?? { active: 0, waiting: [] }
    this.#turns.set(this.#peer, requests)

    return requests
  }

  async #wait ({ signal }: AbortOptions): Promise<void> {
    const { waiting } = this.#requests
    const turn = Promise.withResolvers<void>()
    const take = (): void => {
      this.#isActive = true
      turn.resolve()
    }
    waiting.push(take)

    try {
      await raceSignal(turn.promise, signal)
    } catch (err) {
      const index = waiting.indexOf(take)

      if (index !== -1) {
        waiting.splice(index, 1)
      }

      this.end()
      throw err
    }
  }
}
