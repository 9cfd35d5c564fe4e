import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * What the refresh of the routing table does next: look up a random key with a common
 * prefix of this length, wait for the lookup that is under way, or rest until a time
 */
export type RefreshStep =
  | { type: 'lookUp', prefixLength: number }
  | { type: 'wait' }
  | { type: 'rest', untilMs: number }

/** A refresh that is under way: the prefix lengths from `next` to `last` are still to be refreshed */
interface Run {
  next: number
  readonly last: number
  /** Whether lengths are refreshed that a lookup refreshed a short while ago */
  readonly force: boolean
}

/**
 * Decides which parts of the routing table are refreshed, and when. A part holds the peers
 * with one length of common prefix with us. The parts are refreshed one after the other, so that
 * the refresh does not slow the user's lookups. A part that some lookup refreshed
 * within the interval is left out.
 */
export class RefreshSchedule {
  readonly #parameters: Pick<UpkeepParameters, 'firstRefreshMs' | 'refreshIntervalMs' | 'maxRefreshedPrefix'>
  /** When each part was refreshed last, by common prefix length, ms */
  readonly #refreshedAt: Array<number | undefined> = []
  #run: Run | undefined
  #isLookingUp = false

  constructor (parameters: Pick<UpkeepParameters, 'firstRefreshMs' | 'refreshIntervalMs' | 'maxRefreshedPrefix'>) {
    this.#parameters = parameters
  }

  /** Whether a refresh is under way */
  get isRunning (): boolean {
    return this.#run !== undefined
  }

  /** When the first refresh begins, for a node that starts now, ms */
  firstAt (now: number): number {
    return now + Math.min(this.#parameters.firstRefreshMs, this.#parameters.refreshIntervalMs)
  }

  /**
   * Begin a refresh of all parts. A refresh that is under way begins again.
   *
   * @param deepest - The longest common prefix that any peer in the routing table has with us, bits
   * @param force - Refresh also the parts that a lookup refreshed within the interval
   */
  begin (deepest: number, force: boolean, now: number): RefreshStep {
    this.#run = { next: 0, last: Math.min(deepest, this.#parameters.maxRefreshedPrefix), force }

    return this.#step(now)
  }

  /** A lookup that had answers has refreshed the part of the table to which its target belongs */
  refreshed (prefixLength: number, now: number): void {
    this.#refreshedAt[prefixLength] = now
  }

  /** The lookup of the last step has ended */
  lookedUp (now: number): RefreshStep {
    this.#isLookingUp = false

    return this.#step(now)
  }

  /** Give up what is left of the refresh that is under way */
  cancel (): void {
    this.#run = undefined
  }

  /** The node stops: neither a refresh nor a lookup is under way any more */
  stop (): void {
    this.#run = undefined
    this.#isLookingUp = false
  }

  #step (now: number): RefreshStep {
    const { refreshIntervalMs } = this.#parameters

    if (this.#isLookingUp) {
      return { type: 'wait' }
    }

    while (this.#run !== undefined && this.#run.next <= this.#run.last) {
      const prefixLength = this.#run.next++

      if (this.#run.force || now - (this.#refreshedAt[prefixLength] ?? -Infinity) >= refreshIntervalMs) {
        this.#isLookingUp = true

        return { type: 'lookUp', prefixLength }
      }
    }

    this.#run = undefined

    return { type: 'rest', untilMs: now + refreshIntervalMs }
  }
}
