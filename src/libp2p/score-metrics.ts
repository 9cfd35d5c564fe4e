import type { StoreResult } from './publish/record-sender.ts'
import type { LookupAction } from '../lookup/lookup.ts'
import type { ScoreStoreProblem } from '../persistence/score-store-error.ts'
import type { Outcome, OutcomeType } from '../score/outcome.ts'
import type { PeerClass } from '../score/peer-score.ts'
import type { Choice } from '../selection/peer-selector.ts'
import type { Counter, CounterGroup, Metric, Metrics } from '@libp2p/interface'

export interface ScoreMetricsInit {
  /** kad-dht's own prefix, so that the metrics of two DHTs on one node stay apart */
  metricsPrefix: string
  counts: () => Record<PeerClass, number>
  replacementsInUse: () => number
}

/**
 * The metrics of scoring. Without a metrics service all of this does nothing.
 */
export class ScoreMetrics {
  readonly #outcomes?: CounterGroup<OutcomeType>
  readonly #choices?: CounterGroup<Choice['reason']>
  readonly #invalidChoices?: Counter
  readonly #dropped?: CounterGroup<'malformed' | 'surplus'>
  readonly #unreadable?: CounterGroup<'damaged' | 'unknown-version'>
  readonly #storeFailures?: CounterGroup<ScoreStoreProblem>
  readonly #flushTime?: Metric
  readonly #stores?: CounterGroup<StoreResult>

  constructor (metrics: Metrics | undefined, init: ScoreMetricsInit) {
    const prefix = `${init.metricsPrefix}_score`

    metrics?.registerMetricGroup(`${prefix}_peers`, {
      label: 'class',
      help: 'Peers by class of their score',
      calculate: () => init.counts()
    })
    metrics?.registerMetric(`${prefix}_replacements_in_use`, {
      help: 'Unacceptable peers that have a replacement',
      calculate: () => init.replacementsInUse()
    })
    this.#outcomes = metrics?.registerCounterGroup(`${prefix}_outcomes_total`, { label: 'outcome', help: 'Results of our RPCs and pings' })
    this.#choices = metrics?.registerCounterGroup(`${prefix}_choices_total`, { label: 'choice', help: 'Whether the peer to ask was the best or a random one' })
    this.#invalidChoices = metrics?.registerCounter(`${prefix}_invalid_choices_total`, { help: 'Choices of the selector that were not offered, so that the best peer was asked instead' })
    this.#dropped = metrics?.registerCounterGroup(`${prefix}_dropped_entries_total`, { label: 'reason', help: 'Entries of responses that were dropped' })
    this.#unreadable = metrics?.registerCounterGroup(`${prefix}_unreadable_entries_total`, { label: 'reason', help: 'Entries of the score store that could not be read' })
    this.#storeFailures = metrics?.registerCounterGroup(`${prefix}_store_failures_total`, { label: 'problem', help: 'Attempts to use the score store that failed' })
    this.#flushTime = metrics?.registerMetric(`${prefix}_flush_time_milliseconds`, { help: 'How long the last write to the score store took' })
    this.#stores = metrics?.registerCounterGroup(`${prefix}_stores_total`, { label: 'result', help: 'Records sent to peers: whether the peer has shown that it holds the record, has read it, has agreed to read it, has refused it, or does not answer' })
  }

  outcome (outcome: Outcome): void {
    this.#outcomes?.increment({ [outcome.type]: true })
  }

  /** Count what a lookup decided: whom it asks, and why */
  decided (actions: Array<LookupAction<string>>): void {
    for (const action of actions) {
      if (action.type === 'query' && (action.reason === 'exploit' || action.reason === 'explore')) {
        this.#choices?.increment({ [action.reason]: true })
      }
    }
  }

  invalidChoice (): void {
    this.#invalidChoices?.increment()
  }

  droppedEntries (reason: 'malformed' | 'surplus', count: number): void {
    this.#dropped?.increment({ [reason]: count })
  }

  unreadableEntry (reason: 'damaged' | 'unknown-version'): void {
    this.#unreadable?.increment({ [reason]: true })
  }

  storeFailed (problem: ScoreStoreProblem): void {
    this.#storeFailures?.increment({ [problem]: true })
  }

  stored (result: StoreResult): void {
    this.#stores?.increment({ [result]: true })
  }

  flushed (timeMs: number): void {
    this.#flushTime?.update(timeMs)
  }
}
