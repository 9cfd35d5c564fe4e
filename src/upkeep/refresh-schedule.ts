import type { UpkeepParameters } from '../parameters/upkeep-parameters.ts'

/**
 * What the refresh of the routing table does next: look up a random key at a common
 * prefix length, wait for the lookup that is under way, or rest until a time
 */
export type RefreshStep =
  | { type: 'lookUp', prefixLength: number }
  | { type: 'wait' }
  | { type: 'rest', untilMs: number }

/** What is left to do of a refresh */
interface Run {
  next: number
  readonly last: number
  /** Whether it leaves nothing out */
  readonly force: boolean
}

/**
 * Which common prefix lengths of the routing table are refreshed, and when. One after the
 * other, as a refresh must not get in a lookup's way; those are left out that some
 * lookup refreshed within the interval.
 */
export class RefreshSchedule {
  readonly #parameters: Pick<UpkeepParameters, 'firstRefreshMs' | 'refreshIntervalMs' | 'maxRefreshedPrefix'>
  /** By common prefix length, ms */
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
   * Refresh every length now. One that is under way begins again.
   *
   * @param deepest - The longest common prefix of anybody in the routing table with us
   * @param force - Leave out none
   */
  begin (deepest: number, force: boolean, now: number): RefreshStep {
    this.#run = { next: 0, last: Math.min(deepest, this.#parameters.maxRefreshedPrefix), force }

    return this.#step(now)
  }

  /** Some lookup with answers refreshed the part of the table that its target belongs to */
  refreshed (prefixLength: number, now: number): void {
    this.#refreshedAt[prefixLength] = now
  }

  /** The lookup that was to be made has ended */
  lookedUp (now: number): RefreshStep {
    this.#isLookingUp = false

    return this.#step(now)
  }

  /** Give up what is left of the refresh that is under way */
  cancel (): void {
    this.#run = undefined
  }

  /** Nothing is under way any more */
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
