import { dailyRhythm } from './daily-rhythm.ts'
import { HashedRandom } from './hashed-random.ts'
import { UTC_OFFSETS_HOURS } from './regions.ts'
import { createSessionLaw } from './session-laws/create-session-law.ts'
import { ScheduleLaw } from './session-laws/schedule-law.ts'
import type { WorldConditions } from './conditions.ts'
import type { Population } from './population.ts'
import type { SessionLaw } from './session-laws/session-law.ts'
import type { Sessions } from './sessions.ts'

const DAY_MS = 86_400_000

/** Each stable node came at a random time within this long before the start */
const STABLE_SINCE_MS = 30 * DAY_MS

/** A node's state is drawn as in a mean hour of the day. After this time the daily rhythm has taken over. */
const SETTLING_MS = DAY_MS

/** Stands in the place of a pace for a stable node. Real paces are above 0. */
const STABLE = 0
const TOGGLING = -1

export interface GeneratedSessionsInit {
  population: Pick<Population, 'size' | 'region'>
  seed: number
  conditions: WorldConditions
  /** The earliest time that anybody asks about, ms */
  startMs: number
}

/**
 * The sessions of each node, as an alternating renewal process that is stationary from
 * the start. Each length is a hash of the seed, the node and a running number, and is
 * drawn when time has come to it. So the sessions do not depend on who asks and when.
 * When time goes back for a node, its sessions are drawn again from the start. This takes
 * 25 bytes for each node.
 */
export class GeneratedSessions implements Sessions {
  readonly #init: GeneratedSessionsInit
  /** The law of the nodes that come and go, and that of those which do so by a schedule */
  readonly #law: SessionLaw
  readonly #schedule: SessionLaw
  readonly #draws: { state: HashedRandom, pace: HashedRandom }

  /**
   * For each node, next to each other because they are read together: when the present
   * session or absence began, and when it ends. The end is NaN until somebody asks for
   * it.
   */
  readonly #spans: Float64Array
  readonly #isOnline: Uint8Array
  /** For each node: the number of sessions and absences that have ended */
  readonly #count: Uint32Array
  readonly #pace: Float32Array

  constructor (init: GeneratedSessionsInit) {
    const { population: { size }, seed, conditions } = init

    const lengths = new HashedRandom(seed, 'session lengths')

    this.#init = init
    this.#law = createSessionLaw(conditions, lengths)
    this.#schedule = new ScheduleLaw(conditions.churn?.everyMs ?? 0, lengths)
    this.#draws = { state: new HashedRandom(seed, 'session state'), pace: new HashedRandom(seed, 'session pace') }
    this.#spans = new Float64Array(2 * size).fill(NaN)
    this.#isOnline = new Uint8Array(size)
    this.#count = new Uint32Array(size)
    this.#pace = new Float32Array(size)
  }

  isOnline (node: number, now: number): boolean {
    this.#advance(node, now)

    return this.#isOnline[node] === 1
  }

  since (node: number, now: number): number {
    this.#advance(node, now)

    return this.#spans[2 * node]
  }

  /** When the node next goes or comes, ms, or Infinity for never */
  nextChange (node: number, now: number): number {
    this.#advance(node, now)

    return this.#spans[2 * node + 1]
  }

  #advance (node: number, now: number): void {
    if (now < this.#spans[2 * node + 1] && now >= this.#spans[2 * node]) {
      return
    }

    // the end is NaN or later than `now`
    if (!(now >= this.#spans[2 * node])) {
      this.#begin(node)
    }

    while (now >= this.#spans[2 * node + 1]) {
      this.#count[node]++
      this.#isOnline[node] ^= 1
      this.#spans[2 * node] = this.#spans[2 * node + 1]
      this.#spans[2 * node + 1] += this.#takesMs(node, this.#spans[2 * node], this.#lengthMs(node))
    }
  }

  /** Draw the state of a node at the start */
  #begin (node: number): void {
    const { conditions: { churn, stableShare, rhythmAmplitude }, startMs } = this.#init
    const draw = this.#draws.state.sequence(node)
    const toggles = draw() < (churn?.share ?? 0)
    const isStable = draw() < stableShare
    const state = draw()
    const passed = draw()

    if (!toggles && isStable) {
      this.#pace[node] = STABLE
      this.#isOnline[node] = 1
      this.#spans[2 * node] = startMs - passed * STABLE_SINCE_MS
      this.#spans[2 * node + 1] = Infinity

      return
    }

    const law = toggles ? this.#schedule : this.#law

    this.#count[node] = 0
    this.#pace[node] = toggles ? TOGGLING : law.pace(this.#draws.pace.sequence(node))
    this.#isOnline[node] = state < law.onlineShare(this.#pace[node]) ? 1 : 0

    const fromMs = law.followsRhythm && rhythmAmplitude !== 0 ? startMs - SETTLING_MS : startMs
    const lengthMs = law.presentMs(this.#isOnline[node] === 1, this.#pace[node], draw)

    this.#spans[2 * node] = fromMs - passed * lengthMs
    this.#spans[2 * node + 1] = fromMs + this.#takesMs(node, fromMs, (1 - passed) * lengthMs)
  }

  /** The length of a session or absence that begins now, at the mean hour of the day */
  #lengthMs (node: number): number {
    return this.#lawOf(node).lengthMs(node, this.#count[node], this.#isOnline[node] === 1, this.#pace[node])
  }

  #takesMs (node: number, fromMs: number, lengthMs: number): number {
    if (!this.#lawOf(node).followsRhythm) {
      return lengthMs
    }

    const { population, conditions: { rhythmAmplitude } } = this.#init
    const amplitude = this.#isOnline[node] === 1 ? -rhythmAmplitude : rhythmAmplitude

    return dailyRhythm(fromMs, lengthMs, amplitude, UTC_OFFSETS_HOURS[population.region(node)])
  }

  #lawOf (node: number): SessionLaw {
    return this.#pace[node] === TOGGLING ? this.#schedule : this.#law
  }
}
