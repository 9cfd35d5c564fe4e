import { expect, test } from 'vitest'
import { BULK } from '../../../../benchmarks/simulator/studies/bulk.ts'
import { optionsOf, outcomeFrom } from './outcomes.ts'
import type { BulkFigures } from '../../../../benchmarks/simulator/measures/bulk-measure.ts'
import type { BulkArm } from '../../../../benchmarks/simulator/bulk-simulation.ts'

function figuresOf (arm: BulkArm, changes: Partial<BulkFigures>): BulkFigures & { arm: BulkArm } {
  return { arm, keys: 1000, measuredKeys: 1000, lookups: 1000, lookupRequests: 40_000, records: 20_000, questions: 0, sends: 20_000, failedSends: 0, messages: 60_000, recordBytes: 2_000_000, timeMs: 500_000, recall: 0.95, holders: 20, onFew: 0, onNone: 0, failed: 0, ended: true, ...changes }
}

const FIGURES = [
  figuresOf('one by one', { measuredKeys: 200 }),
  figuresOf('go-sweep', { lookups: 50, messages: 20_000, recall: 0.9, holders: 16, onFew: 7 }),
  figuresOf('scored', { lookups: 25, messages: 22_000, recall: 0.999, questions: 99, failedSends: 3 })
]

test('says what a bulk put costs beside Go, and who holds the records', () => {
  const { finding, failed } = BULK.conclude([outcomeFrom('1,000 CIDs', optionsOf(), [], { bulk: FIGURES })])

  expect(finding).toBe("1,000 CIDs: a bulk put makes 25 lookups, 2.5% of one a key (Go's sweep 5.0%), and 1.10 times the messages of Go's sweep, 0.88 times for each record that a node holds in the end. Of the closest nodes alive 99.9% hold a record, with Go's sweep 90.0%; 0 keys are on fewer than half of them, with Go's sweep 7.")
  expect(failed).toBe(false)
})

test('says which did not come to its end', () => {
  expect(BULK.conclude([outcomeFrom('', optionsOf(), [], { bulk: [FIGURES[1], { ...FIGURES[2], ended: false }] })]).finding).toContain('with Go\'s sweep 7. scored did not come to its end.')
  expect(BULK.conclude([outcomeFrom('', optionsOf(), [], { bulk: [FIGURES[0]] })]).finding).toBe('An arm did not take part.')
})

test('has each figure in its tables', () => {
  const { tables: [costs, holders] } = BULK.conclude([outcomeFrom('1,000 CIDs', optionsOf(), [], { bulk: FIGURES })])

  expect(costs.rows[2]).toEqual(['scored', '25', '0.0250', '40000', '20000', '99', '22000', '1.100', '2.0', '20000', '3', '500', '2.0'])
  expect(costs.headings).toHaveLength(costs.rows[2].length)
  expect(holders.rows).toContainEqual(['one by one', '200', '0.9500', '20.00', '0', '0', '0'])
  expect(holders.headings).toHaveLength(7)
})

test('puts as many keys as --lookups says', () => {
  expect(BULK.defaults).toEqual({ lookups: 10_000 })
  expect(BULK.settings(optionsOf('--lookups', '100000', '--seed', '7'))).toEqual([{ label: '100,000 CIDs', options: optionsOf('--lookups', '100000', '--seed', '7') }])
})
