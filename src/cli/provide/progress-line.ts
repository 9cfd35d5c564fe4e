/** How often the line is drawn at most, ms */
const INTERVAL_MS = 200

const WIDTH = 24

/** To the start of the line, and clear it */
const CLEAR = '\r\x1b[K'

/** Where the line is drawn */
export interface Terminal {
  /** Whether it is one. Where it is none nothing is drawn. */
  isTTY?: boolean
  write: (text: string) => unknown
}

/**
 * How far a long piece of work has come, on one line of a terminal that is drawn over and over
 */
export class ProgressLine {
  readonly #terminal: Terminal
  readonly #now: () => number
  #drawnAt = -Infinity

  /**
   * @param now - ms
   */
  constructor (terminal: Terminal, now: () => number) {
    this.#terminal = terminal
    this.#now = now
  }

  /** How far a work has come of which nobody knows how long it takes */
  count (done: number, label: string): void {
    this.#draw(() => `${formatNumber(done)} ${label}`)
  }

  /**
   * @param elapsedMs - How long it took to come so far
   */
  update (done: number, total: number, elapsedMs: number, label: string): void {
    this.#draw(() => {
      const share = total === 0 ? 1 : Math.min(1, done / total)
      const filled = Math.floor(share * WIDTH)
      const perSecond = done / Math.max(1, elapsedMs) * 1000

      return [
        `${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)} ${Math.floor(share * 100)}%`,
        `${formatNumber(done)}/${formatNumber(total)} ${label}`,
        `${formatNumber(Math.round(perSecond))}/s`,
        perSecond === 0 ? 'time left unknown' : `${formatDuration((total - done) / perSecond)} left`
      ].join(' | ')
    })
  }

  /** Take the line away */
  clear (): void {
    if (this.#terminal.isTTY === true && this.#drawnAt !== -Infinity) {
      this.#terminal.write(CLEAR)
    }

    this.#drawnAt = -Infinity
  }

  #draw (text: () => string): void {
    const now = this.#now()

    if (this.#terminal.isTTY === true && now - this.#drawnAt >= INTERVAL_MS) {
      this.#drawnAt = now
      this.#terminal.write(CLEAR + text())
    }
  }
}

function formatNumber (number: number): string {
  return number.toLocaleString('en-GB')
}

function formatDuration (seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]

  return `${hours === 0 ? '' : `${hours}:`}${hours === 0 ? minutes : String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
