import { expect, it } from 'vitest'
import { ADOPTION } from '../../../../benchmarks/simulator/studies/adoption.ts'
import { CHURN } from '../../../../benchmarks/simulator/studies/churn.ts'
import { EPSILON } from '../../../../benchmarks/simulator/studies/epsilon.ts'
import { NAT } from '../../../../benchmarks/simulator/studies/nat.ts'
import { SCALE } from '../../../../benchmarks/simulator/studies/scale.ts'
import { optionsOf, outcomeOf } from './outcomes.ts'

it('changes one thing of what the command line says', () => {
  const base = optionsOf('--lookups', '7', '--seed', '9')

  expect(NAT.settings(base).map(({ options }) => options.nat)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 0.9])
  expect(CHURN.settings(base).map(({ options }) => options.churn)).toContainEqual({ share: 0.6, everyMs: 10_800_000 })
  expect(ADOPTION.settings(base).map(({ options }) => options.adoption)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(SCALE.settings(base).map(({ options }) => options.nodes)).toEqual([10_000, 100_000, 1_000_000])

  for (const study of [NAT, CHURN, ADOPTION, SCALE, EPSILON]) {
    expect(study.settings(base).every(({ options }) => options.seed === 9 && options.lookups === 7)).toBe(true)
  }
})

it('says by how much scored is faster than each rival, with both recalls', () => {
  const options = optionsOf('--operations', 'closest-peers')
  const { finding, tables } = NAT.conclude([
    outcomeOf('0% behind NATs', options, { 'go-kad-dht': 900, scored: 300 }),
    outcomeOf('80% behind NATs', options, { 'go-kad-dht': 3000, scored: 500 })
  ])

  expect(finding).toBe('80% behind NATs, closest-peers: scored is 6.00 times as fast as go-kad-dht at the median and 6.00 times in the 99th percentile, recall 0.900 against 0.900.')
  expect(tables[0].rows).toContainEqual(['0% behind NATs', 'closest-peers', 'go-kad-dht', '900', '900', '900', '0.900', '30.0', '20.0', '0/1', '3.00', '3.00'])
})

it('says plainly where scoring does not help', () => {
  const { finding } = NAT.conclude([outcomeOf('80% behind NATs', optionsOf(), { kadabra: 200, scored: 400 })])

  expect(finding).toContain('0.50 times as fast as kadabra')
  expect(finding).toContain('below 1: scoring does not help there')
})

it('does not take an arm for faster that finds less', () => {
  const options = optionsOf()
  const outcome = outcomeOf('80% behind NATs', options, { scored: 400 })
  const givingUp = outcomeOf('80% behind NATs', options, { 'full-table': 100 }, {}, 0.2)

  expect(NAT.conclude([{ ...outcome, results: [...outcome.results, ...givingUp.results] }]).finding)
    .toContain('0.25 times as fast as full-table at the median and 0.25 times in the 99th percentile (below 1, but it finds less), recall 0.900 against 0.200')
})

it('has a plot of the median, of the 99th percentile and of recall for each operation', () => {
  const outcomes = NAT.settings(optionsOf('--operations', 'closest-peers,provide'))
    .map(({ label, options }) => outcomeOf(label, options, { 'kad-dht': 5000, scored: 500 }))

  expect(NAT.conclude(outcomes).figures.map(({ title }) => title)).toEqual([
    'closest-peers, median', 'closest-peers, 99th percentile', 'closest-peers, recall',
    'provide, median', 'provide, 99th percentile', 'provide, recall'
  ])
})

it('finds the epsilon that is fastest, and what the default costs against it', () => {
  const times: Record<string, number> = { 'epsilon 0': 120, 'epsilon 0.1': 100, 'epsilon 0.2': 110 }
  const outcomes = EPSILON.settings(optionsOf('--arms', 'scored'))
    .filter(({ label }) => label in times)
    .map(({ label, options }) => outcomeOf(label, options, { scored: times[label] }))

  expect(EPSILON.conclude(outcomes).finding).toBe('Lookups are fastest at the median with epsilon 0.1: 100 ms, 99th percentile 100 ms, recall 0.900. At the default of 0.2 it is 110 ms (1.10 times the best) at recall 0.900.')
})

it('tells the growth for each tenfold', () => {
  const outcomes = SCALE.settings(optionsOf('--arms', 'scored'))
    .map(({ label, options }) => outcomeOf(label, options, { scored: 500 + 80 * Math.log10(options.nodes / 10_000) }))

  expect(SCALE.conclude(outcomes).finding).toBe('At the median, scored takes 500 ms at 10,000 servers and 80 ms more for each tenfold, with 0.0 more requests.')
})

it('concludes from what was done until it was interrupted', () => {
  const [first] = SCALE.settings(optionsOf('--arms', 'scored'))

  expect(() => SCALE.conclude([outcomeOf(first.label, first.options, { scored: 500 })])).not.toThrow()
})
