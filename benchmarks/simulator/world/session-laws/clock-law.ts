import { meanSessionMs } from './mean-session-ms.ts'
import type { Random } from '../../../random/random.ts'
import type { SessionConditions, SessionLaw } from './session-law.ts'

/** Sessions of the nodes are uniformly distributed within this share of the mean, above and below */
const SPREAD = 0.5

/**
 * Nodes that go on and off by the clock: each of them is online for the same part of each
 * period, from a time of its own on. Their sessions end when they are due, so a session
 * that has lasted for long is about to end.
 *
 * A period is as long as a mean session and a mean absence together, 13 h in 2022. It is
 * shorter than a day, so that nodes come and go as often as by the other laws.
 */
export class ClockLaw implements SessionLaw {
  readonly followsRhythm = false

  readonly #meanShare: number
  readonly #periodMs: number
  readonly #spread: number

  constructor (conditions: SessionConditions) {
    this.#meanShare = conditions.churnerOnlineShare
    this.#periodMs = meanSessionMs(conditions) / this.#meanShare
    // no absence is shorter than half of the mean one either
    this.#spread = SPREAD * Math.min(1, (1 - this.#meanShare) / this.#meanShare)
  }

  pace (draw: Random): number {
    return 1 + this.#spread * (2 * draw() - 1)
  }

  onlineShare (pace: number): number {
    return pace * this.#meanShare
  }

  lengthMs (_: number, __: number, isOnline: boolean, pace: number): number {
    return this.presentMs(isOnline, pace)
  }

  presentMs (isOnline: boolean, pace: number): number {
    const share = this.onlineShare(pace)

    return this.#periodMs * (isOnline ? share : 1 - share)
  }
}
