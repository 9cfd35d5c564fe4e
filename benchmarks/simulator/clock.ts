import TinyQueue from 'tinyqueue'

interface Task {
  /** When, ms */
  readonly atMs: number
  /** A heap keeps no order among equals */
  readonly sequence: number
  /** Undefined once it has happened or was cancelled */
  run: (() => void) | undefined
}

/** So many cancelled tasks may wait for their time, or as many as others */
const MAX_CANCELLED = 1000

/**
 * Simulated time, and what is to happen in it: the event queue of a simulation
 */
export class Clock {
  #tasks = new TinyQueue<Task>([], byTime)
  #now = 0
  #sequence = 0
  /** Tasks that wait and are not to happen */
  #cancelled = 0

  /** Simulated time, ms, from 0 */
  get now (): number {
    return this.#now
  }

  /**
   * Have something happen later. What is due at the same time happens in the order
   * in which it was scheduled.
   *
   * @param delayMs - At least 0
   * @returns Cancels it
   */
  schedule (delayMs: number, run: () => void): () => void {
    const task: Task = { atMs: this.#now + delayMs, sequence: this.#sequence++, run }
    this.#tasks.push(task)

    return () => {
      if (task.run !== undefined) {
        task.run = undefined
        this.#cancelled++
      }
    }
  }

  /**
   * Let the next thing happen
   *
   * @returns False when there is nothing left
   */
  step (): boolean {
    if (this.#cancelled > Math.max(MAX_CANCELLED, this.#tasks.length / 2)) {
      this.#tasks = new TinyQueue(this.#tasks.data.filter(({ run }) => run !== undefined), byTime)
      this.#cancelled = 0
    }

    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      const { run } = task

      if (run !== undefined) {
        // to cancel it from now on changes nothing
        task.run = undefined
        this.#now = task.atMs
        run()

        return true
      }

      this.#cancelled--
    }

    return false
  }
}

function byTime (a: Task, b: Task): number {
  return a.atMs - b.atMs || a.sequence - b.sequence
}
