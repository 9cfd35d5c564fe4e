import { escapeHtml } from './escape-html.ts'

/**
 * A table as HTML. Columns of words are aligned to the left, and columns of numbers to
 * the right. A column holds words when it is the first one, or when no cell of it has a
 * digit.
 */
export function htmlTable (headings: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const isWords = headings.map((_, column) => column === 0 || rows.every(row => !/\d/.test(row[column] ?? '')))
  const line = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells.map((cell, column) => `<${tag}${isWords[column] === true ? ' class="words"' : ''}>${escapeHtml(cell)}`).join('')}`

  return `<div class="wide"><table>${[line('th', headings), ...rows.map(row => line('td', row))].join('\n')}</table></div>`
}
