import { noTraffic } from './bulk-key.ts'
import type { Client } from '../client.ts'
import type { BulkHandlers, BulkKey } from './bulk-key.ts'

/**
 * Provides keys one after the other, each with a lookup of its own
 */
export class OneByOne {
  readonly traffic = noTraffic()

  readonly #client: Pick<Client, 'store'>
  readonly #waiting: BulkKey[]
  readonly #handlers: BulkHandlers

  constructor (client: Pick<Client, 'store'>, keys: readonly BulkKey[], handlers: BulkHandlers) {
    this.#client = client
    this.#waiting = [...keys]
    this.#handlers = handlers
  }

  start (): void {
    const key = this.#waiting.shift()

    if (key === undefined) {
      this.#handlers.onEnd()
      return
    }

    const settle = (holders: number[]): void => {
      key.holders.push(...holders)
      // what is no request of the lookup went to a holder
      this.traffic.lookupRequests += operation.queries - holders.length
      this.traffic.records += holders.length
      this.traffic.sends += holders.length
      this.#handlers.onKey(key, holders.length > 0)
      this.start()
    }

    this.traffic.lookups++

    const operation = this.#client.store(key.kadId, false, (holders, { goesOn = false } = {}) => {
      if (!goesOn) {
        settle(holders)
      }
    }, settle)
  }
}
