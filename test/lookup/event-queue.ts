import FlatQueue from 'flatqueue'

/** Sequence numbers that fit below one ms in the queue's priority */
const EVENTS_PER_MS = 2 ** 20

/**
 * Events in the order of their times, whole ms; those of the same time in the order
 * in which they were pushed
 */
export class EventQueue<Event extends { now: number }> {
  readonly #queue = new FlatQueue<Event>()
  #sequence = 0
  /** The first time: a priority that counts from 1970 has no bits left for the sequence */
  #since: number | undefined

  push (event: Event): void {
    this.#since ??= event.now
    this.#queue.push(event, (event.now - this.#since) * EVENTS_PER_MS + this.#sequence++)
  }

  pop (): Event | undefined {
    return this.#queue.pop()
  }
}
