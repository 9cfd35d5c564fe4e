import { escapeHtml } from './escape-html.ts'
import { formatRatio } from './format-ratio.ts'
import { groupSamples } from './group-samples.ts'
import { htmlPage } from './html-page.ts'
import { htmlTable } from './html-table.ts'
import { putColumns } from './put-columns.ts'
import { recallFigure } from './plots/recall-figure.ts'
import { renderFigure } from './plots/render-figure.ts'
import { scoreHistoryFigure } from './plots/score-history-figure.ts'
import { timeDistributionFigure } from './plots/time-distribution-figure.ts'
import { timeSpentFigure } from './plots/time-spent-figure.ts'
import { reportConditions } from './report-conditions.ts'
import { ARMS } from './results.ts'
import type { SampleGroup } from './group-samples.ts'
import type { Figure } from './plots/figure.ts'
import type { Arm, ArmResult, Results, Sample, ScoreSnapshot, Versus } from './results.ts'

export interface ReportInput {
  results: Results
  /** The samples that `results` sums up */
  samples: readonly Sample[]
  snapshots: readonly ScoreSnapshot[]
  /** The command line that repeats the run */
  command: string
  /** When the run ended */
  date: Date
  /** Time limit of one operation, ms */
  timeoutMs: number
}

/**
 * One self-contained HTML page about a run: what was run, what was found, and a figure
 * for each finding. The page loads nothing from anywhere.
 */
export async function formatHtmlReport (input: ReportInput): Promise<string> {
  const { results, samples } = input
  const title = `${results.benchmark} benchmark of libp2p-scored-routing`
  const operations = Map.groupBy(groupSamples(samples), ([{ scenario, operation }]) => `${scenario}, ${operation}`)
  const sections: string[] = []

  for (const [heading, groups] of operations) {
    sections.push(await operationSection(heading, groups, input))
  }

  return htmlPage(title, `${reportConditions({ ...results, command: input.command, date: input.date })}
${howToRead(results)}
<h2>Times and recall</h2>
${sections.length === 0 ? '<p>No operation was completed.</p>' : sections.join('\n')}
${await scoreSection(input.snapshots)}`)
}

function howToRead ({ notes, results }: Results): string {
  const described = new Set(results.map(({ arm }) => arm))
  const arms = (Object.entries(ARM_DESCRIPTIONS) as Array<[Arm, string]>).filter(([arm]) => described.has(arm))

  return `<h2>How to read this</h2>
<p>Several clients, called arms, carried out the same operations in the same network, one at a time, in an order drawn by lot for each key.
Times are in milliseconds; p50 is the median, and of a hundred operations one took longer than p99. A failure counts as the time limit.
Recall is the share found of the peers that a perfect lookup would have found: speed bought with recall is no gain.
A ratio is the median time of the baseline divided by the arm's: above 1 the arm is faster, and where its 95% confidence interval
contains 1 the run has not shown a difference. Queries and dials are means per operation, in brackets what the client did by itself
between two operations; those in the column "no answer" went to peers that did not answer.</p>${results.some(result => putColumns([result]) !== undefined) ? PUTS : ''}
<dl>${arms.map(([arm, text]) => `<dt>${arm}</dt><dd>${text}</dd>`).join('')}</dl>
${notes.map(note => `<p>${escapeHtml(note)}</p>`).join('\n')}`
}

const PUTS = `
<p>A put may return before all holders have the record: "all holders" is when they had it, "at return" the share of the closest that
had it when the caller could go on. "Found" is the share of the puts whose record a stock kad-dht client found within 20 s, when it
looked 1 s after the return and again later.</p>`

const ARM_DESCRIPTIONS: Record<Arm, string> = {
  'kad-dht': '@libp2p/kad-dht as its users run it',
  'kad-dht-tuned': 'the best that the options of kad-dht and libp2p give without finding less',
  'go-kad-dht': 'go-libp2p-kad-dht: on real nodes itself, in a simulation by its rules',
  'go-optimistic': 'go-libp2p-kad-dht with its optimistic provide, which returns before all stores are done',
  'full-table': 'a client that knows the whole network, the accelerated one of its implementation',
  kadabra: 'Kademlia with buckets chosen by a bandit, by its paper',
  scored: 'scoredKadDHT, starting without any knowledge',
  'scored-warm': 'scoredKadDHT after a restart, with the scores of an earlier run',
  oracle: 'told who is alive and closest, it asks them all at once: the limit',
  'oracle-tcp': 'an oracle over TCP, as scoredKadDHT dials: its limit'
}

async function operationSection (heading: string, groups: SampleGroup[], { results, timeoutMs }: ReportInput): Promise<string> {
  const [[{ scenario, operation }]] = groups as [SampleGroup]
  const inSection = (entry: { scenario: string, operation: string }): boolean => entry.scenario === scenario && entry.operation === operation
  const comparisons = results.versus.filter(inSection)
  const withRecall = groups.filter(group => group.some(({ recall }) => recall !== undefined))
  const figures: Figure[] = [
    timeDistributionFigure(groups, timeoutMs, comparisons),
    ...(withRecall.length > 0 ? [recallFigure(withRecall)] : []),
    timeSpentFigure(groups)
  ]

  return `<section><h3>${escapeHtml(heading)}</h3>
<div class="figures">${(await Promise.all(figures.map(renderFigure))).join('\n')}</div>
${resultTable(results.results.filter(inSection), comparisons)}</section>`
}

function resultTable (results: ArmResult[], comparisons: Versus[]): string {
  const compared = new Set(comparisons.map(({ baseline }) => baseline))
  const baselines = ARMS.filter(arm => compared.has(arm))
  const puts = putColumns(results)
  const headings = ['arm', 'p50', 'p90', 'p99', 'first ten', 'recall (min)', ...puts?.headings ?? [], 'queries (between)', 'dials (between)', 'no answer', 'failed', ...baselines.map(baseline => `${baseline} / arm (95% CI)`)]
  const rows = results.map((result, i) => [
    result.arm,
    ...[result.timeMs.p50, result.timeMs.p90, result.timeMs.p99, result.firstTen.p50].map(ms => ms.toFixed(0)),
    result.recall === undefined ? '' : `${result.recall.mean.toFixed(3)} (${result.recall.min.toFixed(2)})`,
    ...puts?.rows[i] ?? [],
    formatCount(result.queries, result.background?.queries),
    formatCount(result.dials, result.background?.dials),
    result.unresponsive.mean.toFixed(1),
    `${result.failures}/${result.samples}`,
    ...baselines.map(baseline => {
      const comparison = comparisons.find(entry => entry.arm === result.arm && entry.baseline === baseline)

      return comparison === undefined ? '' : `${formatRatio(comparison.ratioP50)} (${comparison.ci95.map(formatRatio).join(' – ')})`
    })
  ])

  return htmlTable(headings, rows)
}

function formatCount (during: { mean: number }, between: { mean: number } | undefined): string {
  return during.mean.toFixed(1) + (between === undefined ? '' : ` (${between.mean.toFixed(1)})`)
}

async function scoreSection (snapshots: readonly ScoreSnapshot[]): Promise<string> {
  const histories = Map.groupBy(snapshots, ({ scenario, arm }) => `${scenario} ${arm}`)
  const figures = [...histories.values()].flatMap(([first, ...rest]) => first === undefined ? [] : [scoreHistoryFigure([first, ...rest])])

  if (figures.length === 0) {
    return ''
  }

  return `<h2>Scores of good and bad peers over the run</h2>
<div class="pairs">${(await Promise.all(figures.map(renderFigure))).join('\n')}</div>`
}
