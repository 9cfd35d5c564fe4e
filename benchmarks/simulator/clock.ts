import FlatQueue from 'flatqueue'

interface Task {
  /** Orders tasks of the same time, because the queue itself does not */
  readonly sequence: number
  /** Undefined once the task has run or was cancelled */
  run: (() => void) | undefined
}

/** Cancelled tasks are removed when there are more than this, and more than there are other tasks */
const MAX_CANCELLED = 1000

/**
 * The event queue of a simulation: simulated time, and the tasks that are to run in it
 */
export class Clock {
  /** Tasks of later times */
  #later = new FlatQueue<Task>()
  /** Tasks of the present time, in their order. The first `#done` of them have run. */
  readonly #due: Task[] = []
  #done = 0
  #now = 0
  #sequence = 0
  /** Number of cancelled tasks that are still in the queue */
  #cancelled = 0

  /** Simulated time, ms, from 0 */
  get now (): number {
    return this.#now
  }

  /**
   * Run a task later. Tasks of the same time run in the order in which they were
   * scheduled.
   *
   * @param delayMs - At least 0
   * @returns Cancels the task
   */
  schedule (delayMs: number, run: () => void): () => void {
    return this.scheduleAt(this.#now + delayMs, run)
  }

  /**
   * Run a task at a time, ms, which must not be in the past
   *
   * @returns Cancels the task
   */
  scheduleAt (atMs: number, run: () => void): () => void {
    const task: Task = { sequence: this.#sequence++, run }

    if (atMs === this.#now) {
      this.#due.push(task)
    } else {
      this.#later.push(task, atMs)
    }

    return () => {
      if (task.run !== undefined) {
        task.run = undefined
        this.#cancelled++
      }
    }
  }

  /**
   * Run the next task
   *
   * @param untilMs - Later tasks are left alone @default Infinity
   * @returns False when no task is left until then. The time is then `untilMs`.
   */
  step (untilMs = Infinity): boolean {
    this.#forgetCancelled()

    for (let task = this.#take(untilMs); task !== undefined; task = this.#take(untilMs)) {
      const { run } = task

      if (run !== undefined) {
        // cancelling the task has no effect from now on
        task.run = undefined
        run()

        return true
      }

      this.#cancelled--
    }

    if (untilMs !== Infinity) {
      this.#now = Math.max(this.#now, untilMs)
    }

    return false
  }

  /** Take the next task until some time, and make its time the present one */
  #take (untilMs: number): Task | undefined {
    if (this.#done < this.#due.length) {
      return this.#due[this.#done++]
    }

    const atMs = this.#later.peekValue() ?? Infinity

    if (atMs > untilMs || this.#later.length === 0) {
      return undefined
    }

    const task = this.#later.pop() as Task
    this.#now = atMs

    // mostly no other task has the same time, and then no list is needed
    if (this.#due.length > 0) {
      this.#due.length = 0
      this.#done = 0
    }

    if (this.#later.peekValue() !== atMs) {
      return task
    }

    this.#due.push(task)

    while (this.#later.peekValue() === atMs) {
      this.#due.push(this.#later.pop() as Task)
    }

    this.#due.sort((a, b) => a.sequence - b.sequence)

    return this.#due[this.#done++]
  }

  /** Remove cancelled tasks from the queue, once there are too many */
  #forgetCancelled (): void {
    const { ids, values, length } = this.#later

    if (this.#cancelled <= Math.max(MAX_CANCELLED, length / 2)) {
      return
    }

    this.#later = new FlatQueue()

    for (let i = 0; i < length; i++) {
      if (ids[i].run !== undefined) {
        this.#later.push(ids[i], values[i])
      }
    }

    this.#cancelled = this.#due.slice(this.#done).filter(({ run }) => run === undefined).length
  }
}
