import { escapeHtml } from '../../report/escape-html.ts'
import { htmlPage } from '../../report/html-page.ts'
import { htmlTable } from '../../report/html-table.ts'
import { renderFigure } from '../../report/plots/render-figure.ts'
import { reportConditions } from '../../report/report-conditions.ts'
import type { StudyPage } from './study-page.ts'
import type { StudyTable } from './study.ts'

/**
 * One self-contained HTML page about a study: its findings in words, plots and tables,
 * and the conditions of its runs. The page loads nothing from anywhere.
 */
export async function formatStudyReport ({ study, findings, notes, seed, parameters, environment, command, date }: StudyPage & { command: string, date: Date }): Promise<string> {
  const title = `Study ${study.name} of the simulator of libp2p-scored-routing`

  return htmlPage(title, `${reportConditions({ command, date, seed, parameters, ...environment })}
<h2>${escapeHtml(study.question)}</h2>
<p>${escapeHtml(findings.finding)}</p>
${notes.map(note => `<p>${escapeHtml(note)}</p>`).join('\n')}
<div class="pairs">${(await Promise.all(findings.figures.map(renderFigure))).join('\n')}</div>
${findings.tables.map(tableSection).join('\n')}`)
}

function tableSection ({ title, headings, rows }: StudyTable): string {
  return `<section><h3>${escapeHtml(title)}</h3>
${htmlTable(headings, rows)}</section>`
}
