/**
 * A dial, or an RPC, which is a stream of the DHT's protocol
 */
export type Exchange = 'dial' | 'rpc'

/**
 * How an exchange ended: the peer answered, it did not answer, or the answer was no
 * longer wanted
 */
export type ExchangeEnd = 'answered' | 'failed' | 'cancelled'

/**
 * The traffic of a node in a period of time
 */
export interface Traffic {
  /** RPCs sent in the period */
  queries: number
  /** Dials started in the period */
  dials: number
  /** Number of these RPCs and dials that went to peers that did not answer */
  unresponsive: number
  /** Time that exchanges took within the period, ms, added up over all exchanges, also those at the same time */
  spentMs: { dialling: number, waiting: number, wasted: number }
}

interface Entry {
  exchange: Exchange
  isDead: boolean
  from: number
  to: number
  end: ExchangeEnd | undefined
}

/**
 * Counts all dials and RPCs of a node, whichever part of the node caused them
 */
export class TrafficLedger {
  #entries: Entry[] = []

  /**
   * Note an exchange that starts now
   *
   * @param isDead - Whether the peer is known to be dead. The exchange then counts as unresponsive, however it ends.
   * @returns Call it when the exchange has ended. Further calls change nothing.
   */
  begin (exchange: Exchange, isDead: boolean): (end: ExchangeEnd) => void {
    const entry: Entry = { exchange, isDead, from: performance.now(), to: Infinity, end: undefined }

    this.#entries.push(entry)

    return end => {
      if (entry.end === undefined) {
        entry.end = end
        entry.to = performance.now()
      }
    }
  }

  /**
   * Add up the exchanges of a period, and forget those that have ended by its end
   *
   * @param from - Start of the period, by `performance.now()`
   * @param to - End of the period, not in the future
   */
  close (from: number, to: number): Traffic {
    const traffic: Traffic = { queries: 0, dials: 0, unresponsive: 0, spentMs: { dialling: 0, waiting: 0, wasted: 0 } }

    for (const entry of this.#entries) {
      if (entry.from > to || entry.to < from) {
        continue
      }

      const unresponsive = isUnresponsive(entry)

      if (entry.from >= from) {
        traffic.queries += entry.exchange === 'rpc' ? 1 : 0
        traffic.dials += entry.exchange === 'dial' ? 1 : 0
        traffic.unresponsive += unresponsive ? 1 : 0
      }

      traffic.spentMs[unresponsive ? 'wasted' : entry.exchange === 'dial' ? 'dialling' : 'waiting'] += Math.min(entry.to, to) - Math.max(entry.from, from)
    }

    this.#entries = this.#entries.filter(entry => entry.to > to)

    return traffic
  }
}

function isUnresponsive ({ end, isDead }: Entry): boolean {
  return isDead || end === 'failed'
}
