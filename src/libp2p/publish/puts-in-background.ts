/** So many puts may go on without their callers */
const MAX_IN_BACKGROUND = 16

/**
 * Counts the puts of a node that go on without their callers. Each has a walk of its own, so there are not too many.
 */
export class PutsInBackground {
  #running = 0

  /** Whether one more may go on */
  enter (): boolean {
    if (this.#running === MAX_IN_BACKGROUND) {
      return false
    }

    this.#running++

    return true
  }

  leave (): void {
    this.#running--
  }
}
