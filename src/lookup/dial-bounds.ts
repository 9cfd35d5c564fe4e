/** Dials under way at one endpoint (host and port) that has never answered. One process listens there, however many peer ids name it. */
const MAX_PER_ENDPOINT = 4

/** Dials under way at one endpoint at most, however many peers were reached there. A relay is the endpoint of many peers. */
const MOST_PER_ENDPOINT = 20

/** Dials under way at one host that has never answered, all of its ports taken together. Several peers may share a host. */
const MAX_PER_HOST = 10

/** How many more dials a host may have for each peer that was reached there, so that silent peers at a host do not keep the living ones waiting */
const MORE_PER_REACHED = 3

/** After this many dials without an answer an endpoint counts as silent */
const SILENT_DIALS = 4
/** How long an endpoint counts as silent after its last dial without an answer, ms */
const SILENT_MS = 10_000

/** How many places are remembered as reached, and how many as silent. The place seen longest ago leaves first. */
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
 * Limits how many dials are under way at one place. Without a limit an attacker could name
 * one address for many peers, and our dials would flood whoever lives there. The limit
 * of a place grows with the number of peers that were reached there.
 */
export class DialBounds {
  readonly #running = new Map<string, number>()
  readonly #worked = new Map<string, number>()
  readonly #unanswered = new Map<string, { dials: number, lastAt: number }>()

  /**
   * Begin a dial to an address that has not worked yet, if there is room for one more
   *
   * @returns Whether the dial may begin. If it may, `ended` must follow.
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
   * What is full at a place: its endpoint, its host, or undefined where there is room. One
   * more dial may begin when another dial at the full endpoint or host has ended.
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
   * A dial was made there, and no answer came
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
   * Whether an endpoint counts as silent: nobody was ever reached there, and the last dials
   * had no answer. To wait for room there is then of no use.
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
