import { escapeHtml } from './escape-html.ts'

/**
 * A table as HTML: columns of words start at the left, those of numbers end at the right.
 * Words are the first column, and every one without a digit.
 */
export function htmlTable (headings: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const isWords = headings.map((_, column) => column === 0 || rows.every(row => !/\d/.test(row[column] ?? '')))
  const line = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells.map((cell, column) => `<${tag}${isWords[column] === true ? ' class="words"' : ''}>${escapeHtml(cell)}`).join('')}`

  return `<div class="wide"><table>${[line('th', headings), ...rows.map(row => line('td', row))].join('\n')}</table></div>`
}
