import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseOptions } from '../../../../benchmarks/command-line/parse-options.ts'
import { TESTNET } from '../../../../benchmarks/simulator/studies/testnet.ts'
import { TESTNET_OPTIONS } from '../../../../benchmarks/testnet/testnet-options.ts'
import { optionsOf, outcomeOf } from './outcomes.ts'

const directory = mkdtempSync(join(tmpdir(), 'testnet-study-'))
const file = join(directory, 'run.json')
const { options: { seed, ...parameters } } = parseOptions<{ seed: number }>(TESTNET_OPTIONS, ['--seed', '4', '--lookups', '30'])
const result = (arm: string, p50: number, mean: number, operation = 'closest-peers'): unknown => ({ arm, operation, timeMs: { p50 }, recall: { mean } })

writeFileSync(file, JSON.stringify({
  benchmark: 'testnet',
  seed,
  parameters,
  results: [result('kad-dht', 9000, 0.5, 'put-value'), result('kad-dht', 6000, 0.98), result('kad-dht-tuned', 1800, 0.97), result('scored', 600, 1)]
}))
afterAll(() => { rmSync(directory, { recursive: true }) })

test('plays the very run that the file is of', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))

  expect(label).toBe('storm, seed 4')
  // the arms take their turns for one key in twelve seconds
  expect(options).toMatchObject({ seed: 4, lookups: 30, clients: 1, hours: 0.1, operations: ['closest-peers'], arms: ['kad-dht', 'kad-dht-tuned', 'scored'] })
})

test('agrees where every ratio is within 25%, and fails where one is not', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))
  const near = TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 5000, 'kad-dht-tuned': 1700, scored: 550 })])
  const far = TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 3000, 'kad-dht-tuned': 1700, scored: 550 })])

  expect(near.failed).toBe(false)
  expect(near.tables[0].rows).toContainEqual(['kad-dht / scored', '10.0', '9.09', 'yes'])
  expect(far.failed).toBe(true)
  expect(far.finding).toContain('kad-dht / scored is 10.0 on real nodes and 5.45 in the model, which is too far')
})

test.each([
  [0.74, true], [0.76, false], [1.24, false], [1.26, true]
])('takes %d times the ratio of real nodes for too far: %o', (factor, failed) => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))
  const findings = TESTNET.conclude([outcomeOf(label, { ...options, arms: ['kad-dht', 'scored'] }, { 'kad-dht': factor * 6000, scored: 600 })])

  expect(findings.failed).toBe(failed)
  expect(findings.tables[0].rows[0][3]).toBe(failed ? 'no' : 'yes')
})

test('shows the ratio of every pair, and the medians and recalls that it is made of', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))
  const { finding, tables, failed } = TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 6600, 'kad-dht-tuned': 3000, scored: 660 })])

  expect(finding).toBe('storm, seed 4: kad-dht / kad-dht-tuned is 3.33 on real nodes and 2.20 in the model, which is too far; kad-dht / scored is 10.0 on real nodes and 10.0 in the model; kad-dht-tuned / scored is 3.00 on real nodes and 4.55 in the model, which is too far. Within 25% agrees.')
  expect(tables).toEqual([
    {
      title: 'Ratios of medians',
      headings: ['arms', 'real nodes', 'model', 'agrees'],
      rows: [['kad-dht / kad-dht-tuned', '3.33', '2.20', 'no'], ['kad-dht / scored', '10.0', '10.0', 'yes'], ['kad-dht-tuned / scored', '3.00', '4.55', 'no']]
    },
    {
      title: 'Medians, ms, and recall',
      headings: ['arm', 'real nodes', 'model', 'recall, real', 'recall, model'],
      rows: [['kad-dht', '6000', '6600', '0.980', '0.900'], ['kad-dht-tuned', '1800', '3000', '0.970', '0.900'], ['scored', '600', '660', '1.000', '0.900']]
    }
  ])
  expect(failed).toBe(true)
})

test('fails where an arm has no time to compare', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))

  expect(TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 6000, scored: 600 })]).failed).toBe(true)
})

test('says what it needs', () => {
  expect(() => TESTNET.settings(optionsOf())).toThrow('--study testnet needs --testnet FILE')
  expect(() => optionsOf('--testnet', join(directory, 'nothing.json'))).toThrow('--testnet')
})
