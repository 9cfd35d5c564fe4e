import { escapeHtml } from './escape-html.ts'
import { REPORT_STYLE } from './report-style.ts'

/**
 * One self-contained HTML page. It loads nothing from anywhere.
 *
 * @param title - Plain text
 * @param body - HTML that follows the title
 */
export function htmlPage (title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}
</style>
<h1>${escapeHtml(title)}</h1>
${body}
</html>
`
}
