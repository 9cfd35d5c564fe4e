import type { Multiaddr } from '@multiformats/multiaddr'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** A check may have to resolve a name; longer than this nobody waits for it, ms */
const LIMIT_MS = 10_000

/** An address is not checked again for this long, ms */
const FRESH_MS = 60_000

/** Results kept; the oldest leaves first */
const MAX_RESULTS = 8_192

/** Names resolved at once: whoever answers us could make us ask name servers without end */
const MAX_RESOLUTIONS = 16

/** Names that wait; those beyond are taken for undialable until they are named again */
const MAX_WAITING = 64

export interface AddressChecksComponents {
  connectionManager: Pick<ConnectionManager, 'isDialable'>
}

/**
 * Finds out which addresses can be dialled at all: there is a transport for them,
 * the connection gater allows it, and a name can be resolved. Each address by itself
 * and with a limit of its own, so that a slow name holds up nobody else.
 */
export class AddressChecks {
  private readonly components: AddressChecksComponents
  private readonly now: () => number
  private readonly results = new Map<string, { isDialable: boolean, at: number }>()
  private readonly waiting: Array<() => void> = []
  private resolutions = 0

  constructor (components: AddressChecksComponents, init: { now: () => number }) {
    this.components = components
    this.now = init.now
  }

  /**
   * Whether an address can be dialled, if that is known
   */
  known (multiaddr: Multiaddr): boolean | undefined {
    const result = this.results.get(multiaddr.toString())

    return result != null && Math.abs(this.now() - result.at) < FRESH_MS ? result.isDialable : undefined
  }

  /**
   * Whether an address can be dialled. It does not throw and ends within a few
   * seconds, whatever the resolver does.
   */
  async check (multiaddr: Multiaddr): Promise<boolean> {
    const known = this.known(multiaddr)

    if (known != null) {
      return known
    }

    if (!multiaddr.getComponents().some(({ name }) => name === 'dnsaddr')) {
      return this.ask(multiaddr)
    }

    if (this.resolutions >= MAX_RESOLUTIONS) {
      if (this.waiting.length >= MAX_WAITING) {
        return false
      }

      await new Promise<void>(resolve => { this.waiting.push(resolve) })
    }

    this.resolutions++

    try {
      // it may have been resolved meanwhile
      return this.known(multiaddr) ?? await this.ask(multiaddr)
    } finally {
      this.resolutions--
      this.waiting.shift()?.()
    }
  }

  private async ask (multiaddr: Multiaddr): Promise<boolean> {
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
      // a resolver need not look at the signal
      return this.keep(multiaddr, await Promise.race([this.components.connectionManager.isDialable([multiaddr], { signal: controller.signal }), limit]))
    } catch {
      return this.keep(multiaddr, false)
    } finally {
      clearTimeout(timer)
    }
  }

  private keep (multiaddr: Multiaddr, isDialable: boolean): boolean {
    const key = multiaddr.toString()

    this.results.delete(key)
    this.results.set(key, { isDialable, at: this.now() })

    if (this.results.size > MAX_RESULTS) {
      const [oldest] = this.results.keys()
      this.results.delete(oldest)
    }

    return isDialable
  }
}
