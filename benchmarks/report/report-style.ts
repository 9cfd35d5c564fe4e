/** The look of every report, on screen and on paper */
export const REPORT_STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: white; max-width: 1120px; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 2px solid #222 } h3 { margin-top: 2rem }
  h4 { font-size: 1rem; line-height: 1.3; margin: 0 0 .5rem }
  code { font-size: .9em; background: #f3f3f3; padding: .1em .3em; overflow-wrap: anywhere }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem } dt { color: #595959 } dd { margin: 0 }
  .figures { display: grid; grid-template-columns: 640px 1fr; grid-template-rows: auto 1fr; gap: 1.5rem 2rem; margin: 1rem 0 }
  .figures > :first-child { grid-row: span 2 } .pairs { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem 2rem }
  figure { margin: 0; break-inside: avoid } figcaption { color: #595959; font-size: .85rem } svg { max-width: 100%; height: auto; display: block }
  .wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .85rem; font-variant-numeric: tabular-nums }
  th, td { padding: .2rem .4rem; text-align: right; vertical-align: bottom } td { white-space: nowrap } th { border-bottom: 1px solid #888; font-weight: 600 }
  td { border-bottom: 1px solid #e6e6e6 } .words { text-align: left }
  @media (max-width: 1080px) { .figures, .pairs { grid-template-columns: 1fr } }
  @page { size: landscape; margin: 12mm }
  @media print {
    html { font-size: 10px } body { margin: 0; max-width: none; font-size: 10px } svg { max-height: 88mm } .wide { overflow: visible }
    h2, h3 { break-after: avoid } section { break-inside: avoid } .figures { grid-template-columns: 3fr 2fr } .pairs { grid-template-columns: 1fr 1fr }
  }`
