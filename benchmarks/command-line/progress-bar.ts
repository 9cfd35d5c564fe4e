import { SingleBar } from 'cli-progress'

/** Where there is no terminal to draw on, a line is printed this often, ms */
const LOG_INTERVAL_MS = 10_000

/** Number of operations over which the time left is averaged. Arms differ by a factor of ten, so this has to cover several rounds of all arms. */
const ETA_OPERATIONS = 60

/**
 * Progress on standard error: as a bar in a terminal, as a line now and then elsewhere
 */
export class ProgressBar {
  readonly #bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} | {eta_formatted} | {label}',
    formatTime: formatTimeLeft,
    barsize: 24,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: LOG_INTERVAL_MS,
    etaBuffer: ETA_OPERATIONS,
    clearOnComplete: true,
    // on Ctrl-C, the bar would end in its own way, but the command line does that itself
    gracefulExit: false
  })

  start (): void {
    this.#bar.start(1, 0, { label: 'starting' })
  }

  update (done: number, total: number, label: string): void {
    this.#bar.setTotal(total)
    this.#bar.update(done, { label })
  }

  stop (): void {
    this.#bar.stop()
  }
}

/**
 * @param seconds - cli-progress passes NULL or INF while it does not know
 */
function formatTimeLeft (seconds: number | string): string {
  if (typeof seconds === 'string') {
    return 'time left unknown'
  }

  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')} left`
}
