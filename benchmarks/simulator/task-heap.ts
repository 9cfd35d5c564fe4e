/**
 * Something that is to happen
 */
export interface Task {
  /** When, ms */
  readonly atMs: number
  /** Ascending in the order in which they were scheduled */
  readonly sequence: number
  /** Undefined once it has happened or was cancelled */
  run: (() => void) | undefined
}

/**
 * Tasks by when they are due, and those due at the same time by their sequence: a binary
 * heap, with the times in an array of their own, as that is what it looks at
 */
export class TaskHeap {
  readonly #times: number[] = []
  #tasks: Task[] = []

  get length (): number {
    return this.#tasks.length
  }

  push (task: Task): void {
    const { atMs } = task
    const times = this.#times
    const tasks = this.#tasks
    let place = tasks.length

    while (place > 0) {
      const parent = (place - 1) >> 1

      // whoever comes later in sequence goes behind its equals
      if (times[parent] <= atMs) {
        break
      }

      times[place] = times[parent]
      tasks[place] = tasks[parent]
      place = parent
    }

    times[place] = atMs
    tasks[place] = task
  }

  /** Take out the first one */
  pop (): Task | undefined {
    const [first] = this.#tasks
    const last = this.#tasks.pop()
    this.#times.pop()

    if (last !== undefined && this.#tasks.length > 0) {
      this.#sink(0, last)
    }

    return first
  }

  /** Keep only those that are still to happen */
  sweep (): void {
    this.#tasks = this.#tasks.filter(({ run }) => run !== undefined)
    this.#times.length = this.#tasks.length
    this.#tasks.forEach(({ atMs }, place) => { this.#times[place] = atMs })

    for (let place = (this.#tasks.length >> 1) - 1; place >= 0; place--) {
      this.#sink(place, this.#tasks[place])
    }
  }

  /** Put a task at a place, or below it where there is one that is due before */
  #sink (place: number, task: Task): void {
    const { atMs, sequence } = task
    const times = this.#times
    const tasks = this.#tasks
    const firstLeaf = tasks.length >> 1

    while (place < firstLeaf) {
      const left = 2 * place + 1
      const right = left + 1
      const child = right < tasks.length && this.#isBefore(right, times[left], tasks[left].sequence) ? right : left

      if (!this.#isBefore(child, atMs, sequence)) {
        break
      }

      times[place] = times[child]
      tasks[place] = tasks[child]
      place = child
    }

    times[place] = atMs
    tasks[place] = task
  }

  #isBefore (place: number, atMs: number, sequence: number): boolean {
    return this.#times[place] < atMs || (this.#times[place] === atMs && this.#tasks[place].sequence < sequence)
  }
}
