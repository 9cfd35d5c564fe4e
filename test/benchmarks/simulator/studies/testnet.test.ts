import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parseOptions } from '../../../../benchmarks/command-line/parse-options.ts'
import { TESTNET } from '../../../../benchmarks/simulator/studies/testnet.ts'
import { TESTNET_OPTIONS } from '../../../../benchmarks/testnet/testnet-options.ts'
import { optionsOf, outcomeOf } from './outcomes.ts'

const directory = mkdtempSync(join(tmpdir(), 'testnet-study-'))
const file = join(directory, 'run.json')
const { options: { seed, ...parameters } } = parseOptions<{ seed: number }>(TESTNET_OPTIONS, ['--seed', '4', '--lookups', '30'])
const result = (arm: string, p50: number): unknown => ({ arm, operation: 'closest-peers', timeMs: { p50 }, recall: { mean: 1 } })

writeFileSync(file, JSON.stringify({ benchmark: 'testnet', seed, parameters, results: [result('kad-dht', 6000), result('kad-dht-tuned', 1800), result('scored', 600)] }))
afterAll(() => { rmSync(directory, { recursive: true }) })

it('plays the very run that the file is of', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))

  expect(label).toBe('storm, seed 4')
  expect(options).toMatchObject({ seed: 4, lookups: 30, clients: 1, arms: ['kad-dht', 'kad-dht-tuned', 'scored'] })
})

it('agrees where every ratio is within 25%, and fails where one is not', () => {
  const [{ label, options }] = TESTNET.settings(optionsOf('--testnet', file))
  const near = TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 5000, 'kad-dht-tuned': 1700, scored: 550 })])
  const far = TESTNET.conclude([outcomeOf(label, options, { 'kad-dht': 3000, 'kad-dht-tuned': 1700, scored: 550 })])

  expect(near.failed).toBe(false)
  expect(near.tables[0].rows).toContainEqual(['kad-dht / scored', '10.0', '9.09', 'yes'])
  expect(far.failed).toBe(true)
  expect(far.finding).toContain('kad-dht / scored is 10.0 on real nodes and 5.45 in the model, which is too far')
})

it('says what it needs', () => {
  expect(() => TESTNET.settings(optionsOf())).toThrow('--study testnet needs --testnet FILE')
  expect(() => optionsOf('--testnet', join(directory, 'nothing.json'))).toThrow('--testnet')
})
