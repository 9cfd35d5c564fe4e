import { dailyRhythm } from './daily-rhythm.ts'
import { HashedRandom } from './hashed-random.ts'
import { UTC_OFFSETS_HOURS } from './regions.ts'
import { SessionPace } from './session-pace.ts'
import { lengthBiasedWeibull, weibull } from './weibull.ts'
import type { WorldConditions } from './conditions.ts'
import type { Population } from './population.ts'
import type { Sessions } from './sessions.ts'

const DAY_MS = 86_400_000

/** Stable nodes came at any time within this before the start */
const STABLE_SINCE_MS = 30 * DAY_MS

/** The state drawn is that of a mean hour; a day later it has found the day's rhythm */
const SETTLING_MS = DAY_MS

/** "About" every so many hours: uniform within this share of it */
const CHURN_SPREAD = 0.2

/** In place of a pace, which is above 0 */
const STABLE = 0
const TOGGLING = -1

export interface GeneratedSessionsInit {
  population: Pick<Population, 'size' | 'region'>
  seed: number
  conditions: WorldConditions
  /** Time that nothing is asked for before, ms */
  startMs: number
}

/**
 * Each node's sessions as an alternating renewal process, in its stationary state from
 * the start on. Every length is hashed from the seed, the node and its number, and drawn
 * when time has come to it, so who asks, and when, changes nothing: where time goes back,
 * those of the node are drawn again. 25 bytes a node.
 */
export class GeneratedSessions implements Sessions {
  readonly #init: GeneratedSessionsInit
  readonly #lengths: HashedRandom
  readonly #paces: SessionPace
  readonly #absenceScaleMs: number
  readonly #draws: { state: HashedRandom, pace: HashedRandom }

  /**
   * Of each node, next to each other as they are looked at together: when the present
   * session or absence began, and when it ends, which is not a number until somebody asks
   */
  readonly #spans: Float64Array
  readonly #isOnline: Uint8Array
  /** How many have ended */
  readonly #count: Uint32Array
  readonly #pace: Float32Array

  constructor (init: GeneratedSessionsInit) {
    const { population: { size }, seed, conditions } = init

    this.#init = init
    this.#lengths = new HashedRandom(seed, 'session lengths')
    this.#draws = { state: new HashedRandom(seed, 'session state'), pace: new HashedRandom(seed, 'session pace') }
    this.#paces = new SessionPace(conditions.sessionShape, conditions.sessionCorrelation)
    this.#absenceScaleMs = conditions.sessionScaleMs * (1 - conditions.churnerOnlineShare) / conditions.churnerOnlineShare
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

  /** When the node goes or comes next, ms, if nothing else happens; Infinity for never */
  nextChange (node: number, now: number): number {
    this.#advance(node, now)

    return this.#spans[2 * node + 1]
  }

  #advance (node: number, now: number): void {
    if (now < this.#spans[2 * node + 1] && now >= this.#spans[2 * node]) {
      return
    }

    // nobody has asked yet, or about a later time
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

  /** Draw what the node is doing at the start */
  #begin (node: number): void {
    const { conditions: { churn, stableShare, churnerOnlineShare, rhythmAmplitude }, startMs } = this.#init
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

    this.#count[node] = 0
    this.#pace[node] = toggles ? TOGGLING : this.#paces.draw(this.#draws.pace.sequence(node))
    this.#isOnline[node] = state < (toggles ? 0.5 : churnerOnlineShare) ? 1 : 0

    const fromMs = toggles || rhythmAmplitude === 0 ? startMs : startMs - SETTLING_MS
    const lengthMs = toggles ? lengthBiasedToggle(draw()) * (churn?.everyMs ?? 0) : lengthBiasedWeibull(this.#paces.shape, draw) * this.#scaleMs(node)

    this.#spans[2 * node] = fromMs - passed * lengthMs
    this.#spans[2 * node + 1] = fromMs + this.#takesMs(node, fromMs, (1 - passed) * lengthMs)
  }

  /** How long what begins now lasts, at the mean hour of the day */
  #lengthMs (node: number): number {
    const uniform = this.#lengths.uniform(node, this.#count[node])

    return this.#pace[node] === TOGGLING
      ? (1 + CHURN_SPREAD * (2 * uniform - 1)) * (this.#init.conditions.churn?.everyMs ?? 0)
      : weibull(this.#paces.shape, uniform) * this.#scaleMs(node)
  }

  #scaleMs (node: number): number {
    const scaleMs = this.#isOnline[node] === 1 ? this.#init.conditions.sessionScaleMs : this.#absenceScaleMs

    return scaleMs * this.#pace[node]
  }

  #takesMs (node: number, fromMs: number, lengthMs: number): number {
    if (this.#pace[node] === TOGGLING) {
      return lengthMs
    }

    const { population, conditions: { rhythmAmplitude } } = this.#init
    const amplitude = this.#isOnline[node] === 1 ? -rhythmAmplitude : rhythmAmplitude

    return dailyRhythm(fromMs, lengthMs, amplitude, UTC_OFFSETS_HOURS[population.region(node)])
  }
}

/** The length that some moment falls into, in units of the mean: density times length, inverted */
function lengthBiasedToggle (uniform: number): number {
  const [shortest, longest] = [1 - CHURN_SPREAD, 1 + CHURN_SPREAD]

  return Math.sqrt(shortest ** 2 + uniform * (longest ** 2 - shortest ** 2))
}
