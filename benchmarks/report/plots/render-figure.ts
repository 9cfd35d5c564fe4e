import { View, parse } from 'vega'
import { compile } from 'vega-lite'
import { escapeHtml } from '../escape-html.ts'
import type { Figure } from './figure.ts'
import type { Config } from 'vega-lite'

const CONFIG: Config = {
  font: 'system-ui, sans-serif',
  background: 'white',
  view: { stroke: null },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e6e6e6', domainColor: '#888', tickColor: '#888' },
  legend: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', symbolStrokeWidth: 3, labelLimit: 400 }
}

/**
 * An HTML figure with the plot drawn as an inline SVG
 */
export async function renderFigure ({ title, caption, plot }: Figure): Promise<string> {
  const view = new View(parse(compile(plot, { config: CONFIG }).spec), { renderer: 'none' })

  try {
    // inline SVG needs no namespace. Without a single URL, it is easy to see that the report loads nothing.
    const svg = (await view.toSVG()).replace(/ xmlns(:xlink)?="[^"]*"/g, '')

    return `<figure><h4>${escapeHtml(title)}</h4>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
  } finally {
    view.finalize()
  }
}
