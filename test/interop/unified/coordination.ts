import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Environment } from './environment.ts'

/** What one role tells the others */
export type Told = 'bootstrap_addr' | 'provider_done'

/** How often a role looks for what it waits for, ms */
const INTERVAL_MS = 500

/** How long a role waits for another one, ms */
const LIMIT_MS = 60_000

/**
 * What the roles of one test tell each other, by way of Redis
 */
export class Coordination {
  readonly #client
  readonly #testKey: string

  /**
   * @throws {Error} Redis can't be reached
   */
  static async connect ({ redisAddress, testKey }: Environment): Promise<Coordination> {
    const client = createClient({ url: `redis://${redisAddress}`, socket: { reconnectStrategy: false } })
    // it is told to whoever uses the client next
    client.on('error', () => {})
    await client.connect()

    return new Coordination(client, testKey)
  }

  private constructor (client: Pick<ReturnType<typeof createClient>, 'set' | 'get' | 'close'>, testKey: string) {
    this.#client = client
    this.#testKey = testKey
  }

  async tell (what: Told, value: string): Promise<void> {
    await this.#client.set(`${this.#testKey}_${what}`, value)
  }

  /**
   * Wait until another role has told something
   *
   * @throws {Error} It told nothing within a minute
   */
  async told (what: Told): Promise<string> {
    for (let waitedMs = 0; waitedMs <= LIMIT_MS; waitedMs += INTERVAL_MS) {
      const value = await this.#client.get(`${this.#testKey}_${what}`)

      if (value !== null && value !== '') {
        return value
      }

      await wait(INTERVAL_MS)
    }

    throw new Error(`nobody told ${what} within ${LIMIT_MS / 1000} s`)
  }

  async close (): Promise<void> {
    await this.#client.close()
  }
}
