import FlatQueue from 'flatqueue'

interface Task {
  /** The queue keeps no order among equal times */
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
  /** Tasks of later times */
  #later = new FlatQueue<Task>()
  /** Tasks of the present time, in their order: the first `#done` of them have been */
  readonly #due: Task[] = []
  #done = 0
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
    return this.scheduleAt(this.#now + delayMs, run)
  }

  /**
   * Have something happen at a time, ms, which is not over
   *
   * @returns Cancels it
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
   * Let the next thing happen
   *
   * @param untilMs - What is due later stays to be done @default Infinity
   * @returns False when there is nothing left; it is `untilMs` then
   */
  step (untilMs = Infinity): boolean {
    this.#forgetCancelled()

    for (let task = this.#take(untilMs); task !== undefined; task = this.#take(untilMs)) {
      const { run } = task

      if (run !== undefined) {
        // to cancel it from now on changes nothing
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

  /** The next task until some time, whose time becomes the present one */
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

    // mostly nothing else is due then, and no list needed
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

  /** Once they are too many */
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
