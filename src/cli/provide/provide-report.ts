/** How many failures a report names at most */
export const MAX_FAILURES = 1_000

/** How many of them a report in words names at most */
const MAX_SHOWN = 10

/**
 * What became of the keys that waited when the command began to send
 */
export interface ProvideReport {
  /** Keys that were stored in this run */
  stored: number
  /** Keys that were tried and not stored */
  failed: number
  /** Keys that the next run sends, those that failed among them */
  waiting: number
  keysPerSecond: number
  /** From the first dial on */
  seconds: number
  /** The first of those that failed, as CIDs */
  failures: string[]
}

/**
 * A report in words
 *
 * @param stopped - Whether the run came to no end
 */
export function formatProvideReport ({ stored, failed, waiting, keysPerSecond, seconds, failures }: ProvideReport, stopped: boolean): string {
  if (stored === 0 && waiting === 0) {
    return stopped ? 'stopped before anything was sent\n' : 'nothing waits: all is stored already\n'
  }

  const lines = [`${keys(stored)} stored in ${seconds.toFixed(1)} s, ${keysPerSecond.toFixed(1)} a second`]

  if (failed > 0) {
    const shown = failures.slice(0, MAX_SHOWN)
    lines.push(`${keys(failed)} failed:`, ...shown.map(cid => `  ${cid}`), ...failed > shown.length ? [`  and ${failed - shown.length} more`] : [])
  }

  if (waiting > 0) {
    lines.push(`${stopped ? 'stopped: ' : ''}${keys(waiting)} ${waiting === 1 ? 'waits' : 'wait'}, and the same command sends ${waiting === 1 ? 'it' : 'them'}`)
  }

  return lines.join('\n') + '\n'
}

function keys (count: number): string {
  return `${count} ${count === 1 ? 'key' : 'keys'}`
}
