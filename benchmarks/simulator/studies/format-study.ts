import { alignColumns } from '../../report/align-columns.ts'
import { conditionsOf } from '../../report/conditions-of.ts'
import { wrapText } from '../../report/wrap-text.ts'
import type { StudyPage } from './study-page.ts'

/** Width of the text, in columns of a terminal. Tables may be wider. */
const WIDTH = 120

/** The first columns of a table, which hold words */
const WORD_COLUMNS = 3

/**
 * A study as plain text: its finding, its tables and the conditions of its runs
 */
export function formatStudy ({ study, findings, notes, seed, parameters, environment }: StudyPage): string {
  return [
    ...wrapText(`${study.name}: ${study.question}`, WIDTH),
    '',
    ...wrapText(findings.finding, WIDTH),
    ...findings.tables.flatMap(({ title, headings, rows }) => ['', title, ...alignColumns([headings, ...rows], WORD_COLUMNS)]),
    '',
    ...[...notes, ...conditionsOf({ benchmark: `simulate, study ${study.name}`, seed, parameters, ...environment })].flatMap(text => wrapText(text, WIDTH)),
    ''
  ].join('\n')
}
