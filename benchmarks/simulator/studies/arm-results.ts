import { formatRatio } from '../../report/format-ratio.ts'
import type { StudyOutcome, StudyTable } from './study.ts'
import type { Arm, ArmResult, Operation } from '../../report/results.ts'

/** An arm whose recall is lower by more than this is not comparable */
const LOWER_RECALL = 0.05

/**
 * The result of an arm in one setting, or undefined when the arm did not take part
 */
export function resultOf ({ results }: Pick<StudyOutcome, 'results'>, arm: Arm, operation: Operation): ArmResult | undefined {
  return results.find(result => result.arm === arm && result.operation === operation)
}

/**
 * A table with a row for each setting, operation and arm: times, recall and traffic, and
 * how much faster `scored` is than the arm at the median and the 99th percentile
 */
export function armTable (title: string, outcomes: readonly StudyOutcome[]): StudyTable {
  return {
    title,
    headings: ['setting', 'operation', 'arm', 'p50 ms', 'p90 ms', 'p99 ms', 'recall', 'queries', 'dials', 'failed', 'arm / scored, p50', 'p99'],
    rows: outcomes.flatMap(outcome => outcome.results.map(result => {
      const { arm, operation, timeMs, recall, queries, dials, failures, samples } = result
      const scored = resultOf(outcome, 'scored', operation)
      const ratio = (of: 'p50' | 'p99'): string => scored === undefined || arm === 'scored' ? '' : formatRatio(timeMs[of] / scored.timeMs[of])

      return [
        outcome.label,
        operation,
        arm,
        ...[timeMs.p50, timeMs.p90, timeMs.p99].map(ms => ms.toFixed(0)),
        recall === undefined ? '' : recall.mean.toFixed(3),
        queries.mean.toFixed(1),
        dials.mean.toFixed(1),
        `${failures}/${samples}`,
        ratio('p50'),
        ratio('p99')
      ]
    }))
  }
}

/**
 * How much faster `scored` is than each rival in one setting, in words, with both
 * recalls. It also says where `scored` is slower.
 */
export function advantages (outcome: StudyOutcome, operation: Operation, rivals: readonly Arm[]): string {
  const scored = resultOf(outcome, 'scored', operation)

  if (scored === undefined) {
    return 'scored did not take part'
  }

  const comparisons = rivals.flatMap(rival => {
    const result = resultOf(outcome, rival, operation)

    if (result === undefined) {
      return []
    }

    const p50 = result.timeMs.p50 / scored.timeMs.p50
    const p99 = result.timeMs.p99 / scored.timeMs.p99
    const recalls = scored.recall === undefined || result.recall === undefined
      ? ''
      : `, recall ${scored.recall.mean.toFixed(3)} against ${result.recall.mean.toFixed(3)}`

    return [`${formatRatio(p50)} times as fast as ${rival} at the median and ${formatRatio(p99)} times in the 99th percentile${remark(Math.min(p50, p99), scored, result)}${recalls}`]
  })

  return comparisons.length === 0 ? 'scored had no rival' : `scored is ${comparisons.join('; ')}`
}

/** Explains a ratio below 1: an arm with a lower recall is not faster, it just gave up earlier */
function remark (ratio: number, scored: ArmResult, rival: ArmResult): string {
  if (ratio >= 1) {
    return ''
  }

  return (rival.recall?.mean ?? 1) < (scored.recall?.mean ?? 1) - LOWER_RECALL
    ? ' (below 1, but it finds less)'
    : ' (below 1: scoring does not help there)'
}
