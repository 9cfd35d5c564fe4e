import { alignColumns } from '../../report/align-columns.ts'
import { conditionsOf } from '../../report/conditions-of.ts'
import { wrapText } from '../../report/wrap-text.ts'
import type { StudyPage } from './study-page.ts'

/** Columns of a terminal that the text fits; tables may be wider */
const WIDTH = 120

/** Columns of words at the left of a table */
const WORD_COLUMNS = 3

/**
 * A study as plain text: its finding, its tables and its conditions
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
