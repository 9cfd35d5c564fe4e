import TinyQueue from 'tinyqueue'

interface Task {
  atMs: number
  /** A heap keeps no order among equals */
  sequence: number
  run: (() => void) | undefined
}

/**
 * Simulated time, and what is to happen in it: the event queue of a simulation
 */
export class Clock {
  readonly #queue = new TinyQueue<Task>([], (a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
  #now = 0
  #sequence = 0

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
    this.#queue.push(task)

    return () => { task.run = undefined }
  }

  /**
   * Let the next thing happen
   *
   * @returns False when there is nothing left
   */
  step (): boolean {
    const task = this.#queue.pop()

    if (task == null) {
      return false
    }

    if (task.run != null) {
      this.#now = task.atMs
      task.run()
    }

    return true
  }
}
