import { escapeHtml } from './escape-html.ts'
import { formatParameters } from './format-parameters.ts'
import type { Results } from './results.ts'

export interface ReportConditions extends Pick<Results, 'seed' | 'parameters' | 'versions' | 'machine' | 'measures'> {
  /** The command line that repeats the run */
  command: string
  /** When the run ended */
  date: Date
}

/**
 * The conditions of a run as HTML: what was run and when, the versions, and the machine
 */
export function reportConditions ({ seed, parameters, versions, machine, measures = {}, command, date }: ReportConditions): string {
  const entries = {
    date: `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    seed: `${seed}`,
    parameters: formatParameters(parameters),
    ...measures,
    versions: formatParameters(versions),
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`
  }

  return `<p><code>${escapeHtml(command)}</code></p>
<dl>${Object.entries(entries).map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(String(text))}</dd>`).join('')}</dl>`
}
