import Denque from 'denque'
import TinyQueue from 'tinyqueue'

export interface TaskQueueInit<T> {
  /** Tasks at the same time */
  concurrency: number
  /** Tasks that wait at the same time; more are not taken. Infinity for no limit */
  maxWaiting: number
  /** Which waiting task is next, and no two are equal; without, the one that came first */
  compare?: (a: T, b: T) => number
  /** Do a task when its turn comes, if it takes no time; false when it is to be started. @default all are to be */
  doAtOnce? (task: T): boolean
  /** Do a task; `finished` is called when it is done, which may be at once */
  start (task: T, finished: () => void): void
  /** Nothing waits and nothing runs any more */
  onIdle? (): void
}

/**
 * Tasks of which so many run at the same time; none may be added while it waits
 */
export class TaskQueue<T> {
  readonly #init: TaskQueueInit<T>
  /** Those that wait, in the order in which they came or as `compare` has it */
  readonly #waiting: Denque<T> | TinyQueue<T>
  #running = 0
  #isFilling = false

  constructor (init: TaskQueueInit<T>) {
    this.#init = init
    this.#waiting = init.compare === undefined ? new Denque() : new TinyQueue([], init.compare)
  }

  /** Whether so many wait that no more are taken */
  get isFull (): boolean {
    const { concurrency, maxWaiting } = this.#init

    return this.#running >= concurrency && this.#waiting.length >= maxWaiting
  }

  /**
   * @returns False when too many wait already
   */
  add (task: T): boolean {
    if (this.isFull) {
      return false
    }

    this.#waiting.push(task)
    this.#fill()

    return true
  }

  /** Take back a task that waits; only where the one that came first is next */
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

  /** Start what waits: in a loop, as tasks may be done at once, one after another without end */
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
