import { expect, test } from 'vitest'
import { buildResults } from '../../../benchmarks/report/build-results.ts'
import { formatHtmlReport } from '../../../benchmarks/report/html-report.ts'
import { ARMS } from '../../../benchmarks/report/results.ts'
import { syntheticSamples, syntheticSnapshots } from './synthetic-samples.ts'
import type { Sample, ScoreSnapshot } from '../../../benchmarks/report/results.ts'

const FIGURES_PER_OPERATION = 3

test('draws the times, the recall and the time spent of each operation, and the scores of each arm that has any', async () => {
  const html = await report(
    syntheticSamples({ arms: [...ARMS], operations: ['closest-peers', 'provide'], count: 12 }),
    [...syntheticSnapshots('scored', 5), ...syntheticSnapshots('scored-warm', 5)]
  )

  expect(html.match(/<svg/g)).toHaveLength(2 * FIGURES_PER_OPERATION + 2)
  expect(html).toMatch(/kad-dht takes [\d.]+ times as long as scored \(95% CI/)

  for (const arm of ARMS) {
    expect(html).toContain(`<td class="words">${arm}`)
    // the legend of a plot
    expect(html).toMatch(new RegExp(`<text[^>]*>${arm}</text>`))
  }
})

test('shows beside the recall what became of the records that were put, and says what that means', async () => {
  const samples = syntheticSamples({ arms: ['scored'], operations: ['provide'], count: 4 })
  const html = await report(samples.map(sample => ({ ...sample, recall: 1, afterReturn: { timeMs: 1717, recallAtReturn: 0.75 }, retrieved: { soon: sample.index > 0, later: true } })))

  expect(html).toContain('<td>1.000 (1.00)<td>1717<td>1717<td>0.75 (0.75)<td>75.0%<td>100.0%')
  expect(html).toContain('stock kad-dht client')
  expect(await report(samples)).not.toMatch(/all holders|stock kad-dht client/)
})

test('asks for nothing from anywhere', async () => {
  const html = await report(syntheticSamples({ arms: [...ARMS], count: 12 }), syntheticSnapshots('scored', 5))

  expect(html).not.toMatch(/https?:|\/\/[a-z]|<script|<link|@import|\bsrc=|\bhref=|url\((?!#)/i)
})

test('shows an arm in the same colour in every plot of times and recall', async () => {
  const html = await report(syntheticSamples({ arms: ['scored', 'oracle'], operations: ['closest-peers', 'provide'], count: 4 }))

  for (const svg of html.match(/<svg.*?<\/svg>/gs)?.filter(svg => svg.includes('recall') || svg.includes('logarithmic')) ?? []) {
    expect(svg).toContain('#56b4e9')
    expect(svg).toContain('#595959')
    expect(svg).not.toContain('#d55e00')
  }
})

test('shows text from outside as text', async () => {
  const samples = syntheticSamples({ arms: ['scored'], count: 2 }).map(sample => ({ ...sample, scenario: '<b>&"' }))
  const html = await report(samples, [], '--bootstrap "<img onerror=x>"')

  expect(html).not.toContain('<img')
  expect(html).not.toContain('<b>')
  expect(html).toContain('&lt;b&gt;&amp;&quot;, closest-peers')
})

test.each<[string, Sample[]]>([
  ['nothing', []],
  ['a single sample', syntheticSamples({ arms: ['scored'], count: 1 })],
  ['failures only', syntheticSamples({ arms: ['kad-dht', 'scored'], count: 3 }).map(sample => ({ ...sample, timeMs: 20_000, failed: true, recall: 0 }))],
  ['no known recall', syntheticSamples({ arms: ['kad-dht', 'scored'], count: 3 }).map(sample => ({ ...sample, recall: undefined }))],
  ['times below a millisecond', syntheticSamples({ arms: ['kad-dht', 'scored'], count: 3 }).map(sample => ({ ...sample, timeMs: 0.2 }))]
])('holds with %s', async (_, samples) => {
  const html = await report(samples, syntheticSnapshots('scored', 1).map(snapshot => ({ ...snapshot, dead: { p25: 0, p50: 0, p75: 0, count: 0 } })))

  expect(html).toContain('</html>')
  expect(html.replace(/<style>.*?<\/style>/s, '')).not.toMatch(/NaN|undefined|Infinity/)
})

async function report (samples: Sample[], snapshots: ScoreSnapshot[] = [], command = 'npm run benchmark'): Promise<string> {
  return formatHtmlReport({
    results: await buildResults({ benchmark: 'testnet', seed: 3, parameters: { nodes: 200 }, notes: [] }, samples),
    samples,
    snapshots,
    command,
    date: new Date(0),
    timeoutMs: 20_000
  })
}
