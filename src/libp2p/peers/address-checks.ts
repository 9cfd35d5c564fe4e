import type { Multiaddr } from '@multiformats/multiaddr'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** How long anybody waits for a check, ms: it may have to resolve a name */
const LIMIT_MS = 10_000

/** An address is not checked again for this long, ms */
const FRESH_MS = 60_000

/** How many results are kept; the oldest leaves first */
const MAX_RESULTS = 8_192

/** How many names are resolved at once: a peer that answers us could make us ask name servers without end */
const MAX_RESOLUTIONS = 16

/** How many names wait to be resolved. A name beyond that is taken for undialable until it is named again. */
const MAX_WAITING = 64

export interface AddressChecksComponents {
  connectionManager: Pick<ConnectionManager, 'isDialable'>
}

/**
 * Finds out which addresses can be dialled at all: there is a transport for the address, the
 * connection gater allows it, and its name can be resolved. Each address is checked by itself,
 * with a time limit of its own, so that a slow name holds up no other.
 */
export class AddressChecks {
  readonly #components: AddressChecksComponents
  readonly #now: () => number
  readonly #results = new Map<string, { isDialable: boolean, at: number }>()
  readonly #waiting: Array<() => void> = []
  #resolutions = 0

  constructor (components: AddressChecksComponents, init: { now: () => number }) {
    this.#components = components
    this.#now = init.now
  }

  /**
   * Whether an address can be dialled; undefined while that is not known
   */
  known (multiaddr: Multiaddr): boolean | undefined {
    const result = this.#results.get(multiaddr.toString())

    return result !== undefined && Math.abs(this.#now() - result.at) < FRESH_MS ? result.isDialable : undefined
  }

  /**
   * Whether an address can be dialled. It does not throw and ends within a few
   * seconds, whatever the resolver does.
   */
  async check (multiaddr: Multiaddr): Promise<boolean> {
    const known = this.known(multiaddr)

    if (known !== undefined) {
      return known
    }

    if (!multiaddr.getComponents().some(({ name }) => name === 'dnsaddr')) {
      return this.#ask(multiaddr)
    }

    if (this.#resolutions >= MAX_RESOLUTIONS) {
      if (this.#waiting.length >= MAX_WAITING) {
        return false
      }

      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    }

    this.#resolutions++

    try {
      // another check may have resolved it meanwhile
      return this.known(multiaddr) ?? await this.#ask(multiaddr)
    } finally {
      this.#resolutions--
      this.#waiting.shift()?.()
    }
  }

  async #ask (multiaddr: Multiaddr): Promise<boolean> {
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const limit = new Promise<boolean>(resolve => {
      timer = setTimeout(() => {
        resolve(false)
        controller.abort()
      }, LIMIT_MS)
      timer.unref?.()
    })

    try {
      // a resolver may ignore the signal, so the limit ends the wait as well
      return this.#keep(multiaddr, await Promise.race([this.#components.connectionManager.isDialable([multiaddr], { signal: controller.signal }), limit]))
    } catch {
      return this.#keep(multiaddr, false)
    } finally {
      clearTimeout(timer)
    }
  }

  #keep (multiaddr: Multiaddr, isDialable: boolean): boolean {
    const key = multiaddr.toString()

    this.#results.delete(key)
    this.#results.set(key, { isDialable, at: this.#now() })

    if (this.#results.size > MAX_RESULTS) {
      const [oldest] = this.#results.keys()
      this.#results.delete(oldest)
    }

    return isDialable
  }
}
