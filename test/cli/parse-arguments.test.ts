import { expect, test } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

const OPTIONS = { top: { type: 'string' }, peer: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const

test('options and what stands beside them', () => {
  const { values, positionals } = parseArguments(['a', '--top', '3', '--peer', 'x', '--peer', 'y'], OPTIONS)

  expect({ ...values }).toEqual({ top: '3', peer: ['x', 'y'] })
  expect(positionals).toEqual(['a'])
})

test.each([
  [['--colour'], "Unknown option '--colour', only --top, --peer, --json"],
  [['--top'], "Option '--top <value>' argument missing"],
  [['--json=1'], "Option '--json' does not take an argument"]
])('%j is refused in one line', (args, message) => {
  expect(() => parseArguments(args, OPTIONS)).toThrow(new UsageError(message))
})
