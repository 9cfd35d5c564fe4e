import type { Clock } from './clock.ts'
import type { ChangingTables } from './tables/changing-tables.ts'

/**
 * Each client runs alone for this much simulated time, ms, before the next client's turn.
 * Its data then stay in the processor's caches, and a run with a million nodes takes half
 * the time.
 */
const TURN_MS = 20_000

/** The event loop gets a turn this often, ms of real time, so that Ctrl-C works and progress is shown */
const YIELD_EVERY_MS = 100

export interface TurnsInit {
  /** The first one is never behind the others */
  clocks: readonly Clock[]
  tables: ChangingTables
  /** Times of the checkpoints, ascending */
  checkpoints: readonly number[]
  isDone: () => boolean
  yieldSometimes: () => Promise<void>
  onCheckpoint: () => void
}

/**
 * Let all clocks go on, turn by turn, until everything is done and the last checkpoint is
 * over
 *
 * @returns The number of events that have happened
 */
export async function takeTurns ({ clocks, tables, checkpoints, isDone, yieldSometimes, onCheckpoint }: TurnsInit): Promise<number> {
  let passed = 0
  let events = 0

  while (!isDone() || passed < checkpoints.length) {
    const fromMs = clocks[0].now
    const untilMs = Math.min(fromMs + TURN_MS, checkpoints[passed] ?? Infinity)

    // during the whole turn, the tables are as of its middle
    tables.advance((fromMs + untilMs) / 2)

    for (const clock of clocks) {
      while (clock.step(untilMs)) {
        if (++events % 256 === 0) {
          await yieldSometimes()
        }
      }
    }

    await yieldSometimes()

    if (untilMs === checkpoints[passed]) {
      passed++
      tables.advance(untilMs)
      onCheckpoint()
    }
  }

  return events
}

/** Wraps an action, so that it is done at most every `YIELD_EVERY_MS` */
export function everySoOften (act: () => Promise<void>): () => Promise<void> {
  let actedAt = performance.now()

  return async () => {
    if (performance.now() - actedAt > YIELD_EVERY_MS) {
      await act()
      actedAt = performance.now()
    }
  }
}
