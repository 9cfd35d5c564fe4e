/** Dials under way at one endpoint (host and port) that has never answered: it is one process, whatever peer ids are named for it */
const MAX_PER_ENDPOINT = 4

/** A relay is many peers' endpoint; still nobody has more dials under way there than this */
const MOST_PER_ENDPOINT = 20

/** Dials under way at one host that has never answered, at all of its ports: several peers may share an address */
const MAX_PER_HOST = 10

/** Each peer that was reached at a host speaks for so many others: where peers live, silent ones must not keep them waiting */
const MORE_PER_REACHED = 3

/** After so many dials that had no answer in their turn an endpoint is taken for silent, for so long, ms */
const SILENT_DIALS = 4
const SILENT_MS = 10_000

/** Endpoints and hosts that are remembered, for one reason or the other; the one seen longest ago leaves first */
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
  readonly #unanswered = new Map<string, { dials: number, lastAt: number }>()

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
    if (!this.#hasRoom(endpoint, Math.min(MAX_PER_ENDPOINT + this.#reachedAt(endpoint), MOST_PER_ENDPOINT))) {
      return endpoint
    }

    return this.#hasRoom(host, MAX_PER_HOST + MORE_PER_REACHED * this.#reachedAt(host)) ? undefined : host
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
   * A dial there had its turn, and nothing came
   *
   * @param now - ms
   */
  unanswered ({ endpoint }: DialPlace, now: number): void {
    const before = this.#unanswered.get(endpoint)
    const dials = before === undefined || now - before.lastAt > SILENT_MS ? 0 : before.dials

    this.#unanswered.delete(endpoint)
    this.#unanswered.set(endpoint, { dials: dials + 1, lastAt: now })
    dropOldest(this.#unanswered)
  }

  /**
   * Whether it is no use to wait for room at an endpoint: nobody has been reached there,
   * and those before had no answer
   *
   * @param now - ms
   */
  isSilent ({ endpoint }: DialPlace, now: number): boolean {
    const unanswered = this.#unanswered.get(endpoint)

    return unanswered !== undefined && unanswered.dials >= SILENT_DIALS && now - unanswered.lastAt <= SILENT_MS && !this.#worked.has(endpoint)
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

    dropOldest(this.#worked)
  }

  #hasRoom (key: string, most: number): boolean {
    return (this.#running.get(key) ?? 0) < most
  }

  #reachedAt (key: string): number {
    return this.#worked.get(key) ?? 0
  }
}

function dropOldest (places: Map<string, unknown>): void {
  for (const key of places.keys()) {
    if (places.size <= MAX_REMEMBERED) {
      return
    }

    places.delete(key)
  }
}
