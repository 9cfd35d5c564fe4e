/** Dials under way at one endpoint (host and port) that has never answered: it is one process, whatever peer ids are named for it */
const MAX_PER_ENDPOINT = 4

/** A relay is many peers' endpoint; still nobody has more dials under way there than this */
const MOST_PER_ENDPOINT = 20

/** Dials under way at one host that has never answered, at all of its ports: several peers may share an address */
const MAX_PER_HOST = 10

/** Endpoints and hosts whose dials that worked are remembered; the one that answered longest ago leaves first */
const MAX_REMEMBERED = 2_000

/**
 * Where a dial leads
 */
export interface DialPlace {
  host: string
  /** Host and port */
  endpoint: string
}

/**
 * Limits how many dials are under way at one place, so that nobody can turn us
 * against a third party by naming its address for many peers. A place may have the
 * more, the more peers have been reached there.
 */
export class DialBounds {
  readonly #running = new Map<string, number>()
  readonly #worked = new Map<string, number>()

  /**
   * Begin a dial to an address that has not worked yet, if there is room for one more
   *
   * @returns Whether it may begin; `ended` must follow then
   */
  begin (place: DialPlace): boolean {
    if (this.fullAt(place) !== undefined) {
      return false
    }

    const { host, endpoint } = place

    for (const key of [host, endpoint]) {
      this.#running.set(key, (this.#running.get(key) ?? 0) + 1)
    }

    return true
  }

  /**
   * Where dials have to end before one more may begin there: the endpoint, the host, or
   * nowhere
   */
  fullAt ({ host, endpoint }: DialPlace): string | undefined {
    if (!this.#hasRoom(endpoint, MAX_PER_ENDPOINT, MOST_PER_ENDPOINT)) {
      return endpoint
    }

    return this.#hasRoom(host, MAX_PER_HOST, Infinity) ? undefined : host
  }

  /**
   * A dial that began has ended
   */
  ended ({ host, endpoint }: DialPlace): void {
    for (const key of [host, endpoint]) {
      const left = (this.#running.get(key) ?? 0) - 1

      if (left > 0) {
        this.#running.set(key, left)
      } else {
        this.#running.delete(key)
      }
    }
  }

  /**
   * A peer was reached there for the first time
   */
  worked ({ host, endpoint }: DialPlace): void {
    for (const key of [host, endpoint]) {
      const worked = (this.#worked.get(key) ?? 0) + 1

      this.#worked.delete(key)
      this.#worked.set(key, worked)
    }

    for (const key of this.#worked.keys()) {
      if (this.#worked.size <= MAX_REMEMBERED) {
        return
      }

      this.#worked.delete(key)
    }
  }

  #hasRoom (key: string, base: number, most: number): boolean {
    return (this.#running.get(key) ?? 0) < Math.min(base + (this.#worked.get(key) ?? 0), most)
  }
}
