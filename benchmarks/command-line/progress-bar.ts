import { SingleBar } from 'cli-progress'

/** How often a line is printed where there is no terminal to draw on, ms */
const LOG_INTERVAL_MS = 10_000

/** Operations over which the time left is averaged: arms differ by an order of magnitude, so it takes some rounds of them */
const ETA_OPERATIONS = 60

/**
 * Progress on standard error: a bar in a terminal, a line now and then elsewhere
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
    // the command line has its own way of ending
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
 * @param seconds - cli-progress says NULL or INF when it does not know yet
 */
function formatTimeLeft (seconds: number | string): string {
  if (typeof seconds === 'string') {
    return 'time left unknown'
  }

  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')} left`
}
