import { DialBounds } from '../../lookup/dial-bounds.ts'
import type { DialPlace } from '../../lookup/dial-bounds.ts'

/** How long a dial waits that finds too many others at its place, ms */
const MAX_HELD_MS = 2_000

export interface DialGateOptions {
  signal: AbortSignal
  /** Told when the dial has to wait, and when that is over */
  onHeld: (isHeld: boolean) => void
  /** Ends the dial, because another is to have its turn */
  giveWay: () => void
}

/** A dial that was let in */
export interface AdmittedDial {
  /** The dial has had its turn without an answer. It gives way to one that waits, now or later. */
  turnIsOver: () => void
  /** The dial has ended */
  leave: () => void
}

interface Running {
  place: DialPlace
  hadTurn: boolean
  giveWay: () => void
}

interface Held {
  place: DialPlace
  tryAgain: () => void
}

/**
 * Keeps dials within the bounds of their places. A dial too many waits until another one
 * ends, or gives way because it has had its turn.
 */
export class DialGate {
  readonly #bounds = new DialBounds()
  readonly #running = new Set<Running>()
  /** The dial that has waited for longest comes first */
  readonly #held = new Set<Held>()

  /**
   * Let a dial in as soon as there is room
   *
   * @returns `full` when there was no room in time, `silent` when it is no use to wait because
   * nobody answers there
   */
  async enter (place: DialPlace, { signal, onHeld, giveWay }: DialGateOptions): Promise<AdmittedDial | 'full' | 'silent'> {
    // a dial that nobody wants any more must not make another give way
    signal.throwIfAborted()

    if (!this.#bounds.begin(place)) {
      if (this.#isSilent(place)) {
        return 'silent'
      }

      onHeld(true)

      const isAdmitted = await this.#waitFor(place, signal)
      onHeld(false)

      if (!isAdmitted) {
        signal.throwIfAborted()

        return this.#isSilent(place) ? 'silent' : 'full'
      }
    }

    const running: Running = { place, hadTurn: false, giveWay }
    this.#running.add(running)

    return {
      turnIsOver: () => {
        running.hadTurn = true
        this.#bounds.unanswered(place, performance.now())

        if ([...this.#held].some(held => this.#isInTheWay(running, held.place))) {
          giveWay()
        }
      },
      leave: () => {
        this.#running.delete(running)
        this.#bounds.ended(place)
        this.#held.forEach(({ tryAgain }) => { tryAgain() })
      }
    }
  }

  /**
   * A peer was reached there for the first time
   */
  worked (place: DialPlace): void {
    this.#bounds.worked(place)
    this.#held.forEach(({ tryAgain }) => { tryAgain() })
  }

  async #waitFor (place: DialPlace, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const decide = (isAdmitted: boolean): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#held.delete(held)
        resolve(isAdmitted)
      }
      const giveUp = (): void => { decide(false) }
      const held: Held = {
        place,
        tryAgain: () => {
          if (this.#bounds.begin(place)) {
            decide(true)
          } else if (this.#isSilent(place)) {
            decide(false)
          }
        }
      }
      const timer = setTimeout(giveUp, MAX_HELD_MS)

      signal.addEventListener('abort', giveUp)
      this.#held.add(held)

      ;[...this.#running].find(running => running.hadTurn && this.#isInTheWay(running, place))?.giveWay()
    })
  }

  #isSilent (place: DialPlace): boolean {
    return this.#bounds.isSilent(place, performance.now())
  }

  #isInTheWay ({ place: { host, endpoint } }: Running, place: DialPlace): boolean {
    const full = this.#bounds.fullAt(place)

    return full === host || full === endpoint
  }
}
