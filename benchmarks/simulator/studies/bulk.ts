import { formatRatio } from '../../report/format-ratio.ts'
import { simulateBulk } from '../bulk-simulation.ts'
import type { BulkArm } from '../bulk-simulation.ts'
import type { BulkFigures } from '../measures/bulk-measure.ts'
import type { Study, StudyTable } from './study.ts'

type ArmFigures = BulkFigures & { arm: BulkArm }

/**
 * What it costs to put many keys, and who holds them afterwards
 */
export const BULK: Study = {
  name: 'bulk',
  question: 'What does it cost to provide many CIDs once (--lookups of them): with a lookup for each, by the rules of Go\'s sweeping provider, and with a bulk put?',
  defaults: { lookups: 10_000 },
  settings: base => [{ label: `${base.lookups.toLocaleString('en')} CIDs`, options: base }],
  simulate: async (options, hooks) => ({ samples: [], measures: { bulk: await simulateBulk(options, hooks) } }),

  conclude ([{ label, measures }]) {
    const figures = measures.bulk as ArmFigures[]
    const [scored, sweep] = (['scored', 'go-sweep'] as const).map(arm => figures.find(other => other.arm === arm))

    return {
      finding: scored === undefined || sweep === undefined
        ? 'An arm did not take part.'
        : `${label}: a bulk put makes ${scored.lookups.toLocaleString('en')} lookups, ${percent(scored.lookups / scored.keys)} of one a key (Go's sweep ${percent(sweep.lookups / sweep.keys)}), and ${formatRatio(scored.messages / sweep.messages)} times the messages of Go's sweep, ${formatRatio(messagesAHolder(scored) / messagesAHolder(sweep))} times for each record that a node holds in the end. Of the closest nodes alive ${percent(scored.recall)} hold a record, with Go's sweep ${percent(sweep.recall)}; ${scored.onFew} keys are on fewer than half of them, with Go's sweep ${sweep.onFew}.${figures.filter(({ ended }) => !ended).map(({ arm }) => ` ${arm} did not come to its end.`).join('')}`,
      tables: [costTable(figures), holdersTable(figures)],
      figures: [],
      failed: false
    }
  }
}

function costTable (figures: ArmFigures[]): StudyTable {
  return {
    title: 'What it costs. One by one is extrapolated from some keys, one after the other.',
    headings: ['arm', 'lookups', 'a key', 'requests of lookups', 'records', 'questions', 'messages', 'for each holder', 'MB of records', 'peers sent to', 'of them failed', 'time, s', 'keys a second'],
    rows: figures.map(({ arm, keys, lookups, lookupRequests, records, questions, messages, recordBytes, sends, failedSends, timeMs, holders }) => [
      arm,
      String(lookups),
      (lookups / keys).toFixed(4),
      ...[lookupRequests, records, questions, messages].map(String),
      messagesAHolder({ keys, messages, holders }).toFixed(3),
      (recordBytes / 1e6).toFixed(1),
      String(sends),
      String(failedSends),
      (timeMs / 1000).toFixed(0),
      (keys / timeMs * 1000).toFixed(1)
    ])
  }
}

function holdersTable (figures: ArmFigures[]): StudyTable {
  return {
    title: 'Who holds the records when a key is done',
    headings: ['arm', 'keys measured', 'recall', 'holders', 'on fewer than half of k', 'on none', 'failed, as it says itself'],
    rows: figures.map(({ arm, measuredKeys, recall, holders, onFew, onNone, failed }) => [
      arm, String(measuredKeys), recall.toFixed(4), holders.toFixed(2), String(onFew), String(onNone), String(failed)
    ])
  }
}

/** A peer that can't be reached gets no record, so whoever reaches fewer sends fewer messages */
function messagesAHolder ({ keys, messages, holders }: Pick<ArmFigures, 'keys' | 'messages' | 'holders'>): number {
  return messages / (keys * holders)
}

function percent (share: number): string {
  return `${(100 * share).toFixed(1)}%`
}
