import type { Client } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'
import type { Sample } from '../../report/results.ts'

/** When a record is looked for after the return of its put, ms */
const SOON_MS = 1_000
const LATER_MS = 60_000

/** A record that is not found within this time counts as not found, ms */
const LIMIT_MS = 20_000

/**
 * Looks for records that somebody else has put, as any user of the network would. It is a
 * client of its own, so it knows nothing of whom the record was put with.
 */
export class RecordReader {
  readonly #client: Client
  readonly #clock: Clock

  /**
   * @param clock - That of its client and of those whose records it looks for
   */
  constructor (client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  start (): void {
    this.#client.start()
  }

  /**
   * Look for a record whose put returns now
   *
   * @param isHolder - Whether a node holds it when it is asked
   * @param done - Called once it has looked soon and later
   */
  readTwice (key: KadId, isHolder: (node: number) => boolean, done: (retrieved: Sample['retrieved']) => void): void {
    let soon: boolean | undefined
    let later: boolean | undefined
    const end = (): void => {
      if (soon !== undefined && later !== undefined) {
        done({ soon, later })
      }
    }

    this.#clock.schedule(SOON_MS, () => {
      this.#look(key, isHolder, found => {
        soon = found
        end()
      })
    })
    this.#clock.schedule(LATER_MS, () => {
      this.#look(key, isHolder, found => {
        later = found
        end()
      })
    })
  }

  #look (key: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): void {
    const cancelTimeout = this.#clock.schedule(LIMIT_MS, () => {
      operation.cancel()
      done(false)
    })
    const operation = this.#client.findHolder(key, isHolder, found => {
      cancelTimeout()
      done(found)
    })
  }
}
