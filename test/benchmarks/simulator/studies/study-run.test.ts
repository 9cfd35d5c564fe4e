import { expect, test } from 'vitest'
import { NAT } from '../../../../benchmarks/simulator/studies/nat.ts'
import { StudyRun } from '../../../../benchmarks/simulator/studies/study-run.ts'
import { optionsOf } from './outcomes.ts'
import type { Study } from '../../../../benchmarks/simulator/studies/study.ts'

const SMALL = ['--nodes', '200', '--lookups', '4', '--hours', '0.05', '--warmup-hours', '0.5', '--arms', 'kad-dht,full-table,scored']
const TWO: Study = { ...NAT, settings: base => NAT.settings(base).filter(({ options }) => options.nat === 0 || options.nat === 0.8) }

test('simulates every setting in a process of its own, and writes its finding with plots', async () => {
  const run = new StudyRun(TWO, optionsOf(...SMALL))
  const labels = new Set<string>()

  await run.carryOut({ signal: new AbortController().signal, onProgress: (_done, _total, label) => { labels.add(label.split(':')[0]) } })
  const conclusion = await run.conclude(true)
  const html = await conclusion?.html?.('npm run benchmark -- simulate --study nat')

  expect(labels).toContain('80% behind NATs')
  expect(conclusion?.text).toMatch(/80% behind NATs, closest-peers: scored is [\d.]+ times as fast as kad-dht at the median/)
  expect(conclusion?.text).toMatch(/Crawls of full-table: 20, with [\d,]+ to [\d,]+ requests each/)
  expect(conclusion?.json).toMatchObject({
    study: 'nat',
    seed: 1,
    settings: ['0% behind NATs', '80% behind NATs'].map(label => ({ label, measures: { crawlCost: { crawls: 20, crawlMessages: expect.any(Number) } } }))
  })
  expect(html?.match(/<svg/g)).toHaveLength(3)
  expect(html).not.toMatch(/https?:\/\//)
})

test('ends with what it has when it is interrupted, and leaves no process behind', async () => {
  const controller = new AbortController()
  const run = new StudyRun(TWO, optionsOf(...SMALL, '--lookups', '1000000'))
  const ended = run.carryOut({ signal: controller.signal, onProgress: () => { controller.abort(new Error('interrupted')) } })

  await expect(ended).rejects.toThrow()
  expect(await run.conclude(false)).toBeUndefined()
})
