export interface TaskQueueInit<T> {
  /** Tasks at the same time */
  concurrency: number
  /** Tasks that wait at the same time; more are not taken. Infinity for no limit */
  maxWaiting: number
  /** Which waiting task is next; without, the one that came first */
  compare?: (a: T, b: T) => number
  /** Do a task; `finished` is called when it is done, which may be at once */
  start (task: T, finished: () => void): void
  /** Nothing waits and nothing runs any more */
  onIdle? (): void
}

/**
 * Tasks of which so many run at the same time; each waits once at most
 */
export class TaskQueue<T> {
  readonly #init: TaskQueueInit<T>
  /** In the order in which they came */
  readonly #waiting = new Set<T>()
  #running = 0
  #isFilling = false

  constructor (init: TaskQueueInit<T>) {
    this.#init = init
  }

  /**
   * @returns False when too many wait already
   */
  add (task: T): boolean {
    const { concurrency, maxWaiting } = this.#init

    if (this.#running >= concurrency && this.#waiting.size >= maxWaiting) {
      return false
    }

    this.#waiting.add(task)
    this.#fill()

    return true
  }

  /** Take back a task that waits */
  remove (task: T): void {
    this.#waiting.delete(task)
  }

  /** Start what waits: in a loop, as tasks may be done at once, one after another without end */
  #fill (): void {
    if (this.#isFilling) {
      return
    }

    this.#isFilling = true

    while (this.#running < this.#init.concurrency && this.#waiting.size > 0) {
      this.#start(this.#takeNext())
    }

    this.#isFilling = false

    if (this.#running === 0) {
      this.#init.onIdle?.()
    }
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

  #takeNext (): T {
    const { compare } = this.#init
    let [first] = this.#waiting

    if (compare != null) {
      for (const task of this.#waiting) {
        if (compare(task, first) < 0) {
          first = task
        }
      }
    }

    this.#waiting.delete(first)

    return first
  }
}
