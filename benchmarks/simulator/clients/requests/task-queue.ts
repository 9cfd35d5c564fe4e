import Denque from 'denque'
import TinyQueue from 'tinyqueue'

export interface TaskQueueInit<T> {
  /** Number of tasks that run at the same time */
  concurrency: number
  /** Number of tasks that may wait. Further tasks are refused. Infinity for no limit. */
  maxWaiting: number
  /** The order in which waiting tasks are started, in which no two tasks are equal. Without it, the task that came first is next. */
  compare?: (a: T, b: T) => number
  /**
   * Called when a task's turn comes. Does the task and returns true if it takes no time, or
   * returns false so that `start` is called. @default `start` is called for all tasks
   */
  doAtOnce? (task: T): boolean
  /** Do a task. `finished` is called when it is done, which may be before this function returns. */
  start (task: T, finished: () => void): void
  /** Called when no task waits and no task runs any more */
  onIdle? (): void
}

/**
 * Tasks of which a limited number runs at the same time. A task must not be added again
 * while it waits.
 */
export class TaskQueue<T> {
  readonly #init: TaskQueueInit<T>
  /** The waiting tasks, in the order in which they came or in the order of `compare` */
  readonly #waiting: Denque<T> | TinyQueue<T>
  #running = 0
  #isFilling = false

  constructor (init: TaskQueueInit<T>) {
    this.#init = init
    this.#waiting = init.compare === undefined ? new Denque() : new TinyQueue([], init.compare)
  }

  /** Whether the limit of waiting tasks is reached */
  get isFull (): boolean {
    const { concurrency, maxWaiting } = this.#init

    return this.#running >= concurrency && this.#waiting.length >= maxWaiting
  }

  /**
   * @returns False when the task was refused, because too many wait already
   */
  add (task: T): boolean {
    if (this.isFull) {
      return false
    }

    this.#waiting.push(task)
    this.#fill()

    return true
  }

  /** Remove a task that waits. This only works without `compare`. */
  remove (task: T): void {
    const waiting = this.#waiting

    if (!(waiting instanceof Denque)) {
      return
    }

    for (let i = 0; i < waiting.length; i++) {
      if (waiting.peekAt(i) === task) {
        waiting.removeOne(i)
        return
      }
    }
  }

  /** Start waiting tasks. This is a loop and not a recursion, because any number of tasks in a row may be done at once. */
  #fill (): void {
    if (this.#isFilling) {
      return
    }

    this.#isFilling = true

    while (this.#running < this.#init.concurrency && this.#waiting.length > 0) {
      const task = this.#next()

      if (this.#init.doAtOnce?.(task) !== true) {
        this.#start(task)
      }
    }

    this.#isFilling = false

    if (this.#running === 0) {
      this.#init.onIdle?.()
    }
  }

  #next (): T {
    return (this.#waiting instanceof Denque ? this.#waiting.shift() : this.#waiting.pop()) as T
  }

  #start (task: T): void {
    this.#running++
    let isFinished = false

    this.#init.start(task, () => {
      if (!isFinished) {
        isFinished = true
        this.#running--
        this.#fill()
      }
    })
  }
}
