import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../../benchmarks/command-line/parse-options.ts'
import { UsageError } from '../../../benchmarks/command-line/usage-error.ts'
import type { OptionDefinition } from '../../../benchmarks/command-line/option-definition.ts'

const DEFINITIONS = {
  rttMs: { kind: 'number', description: '', default: 100, quick: 20, min: 0, max: 1000, integer: false },
  lookups: { kind: 'number', description: '', default: 16, quick: 3, min: 1, max: 50, integer: true },
  mode: { kind: 'choice', description: '', default: undefined, choices: ['silent', 'slow'] },
  arms: { kind: 'list', description: '', default: ['a', 'b'], choices: ['a', 'b', 'c'] },
  scenario: { kind: 'choiceOrNumber', description: '', default: 'storm', choices: ['storm', 'calm'], min: 0, max: 0.8 },
  key: { kind: 'parsed', description: '', default: 'none', placeholder: 'KEY', parse: parseKey }
} satisfies Record<string, OptionDefinition>

const DEFAULTS = { rttMs: 100, lookups: 16, mode: undefined, arms: ['a', 'b'], scenario: 'storm', key: 'none' }

it('leaves everything at its default', () => {
  expect(parseOptions(DEFINITIONS, [])).toEqual({ options: DEFAULTS, given: new Set(), common: { help: false, json: undefined, report: undefined } })
})

it('reads each kind of value', () => {
  expect(parse('--rtt-ms', '12.5', '--lookups=50', '--mode', 'slow', '--arms', 'c,a', '--scenario', '0.3', '--key', 'k1')).toEqual({
    rttMs: 12.5, lookups: 50, mode: 'slow', arms: ['c', 'a'], scenario: 0.3, key: 1
  })
  expect(parse('--scenario', 'calm')).toEqual({ ...DEFAULTS, scenario: 'calm' })
})

it('takes the smaller defaults for a quick run, unless a value was given', () => {
  expect(parse('--quick', '--lookups', '9')).toEqual({ ...DEFAULTS, rttMs: 20, lookups: 9 })
})

it('reads where the results go', () => {
  expect(parseOptions(DEFINITIONS, ['--json', '-', '--report', 'r.html', '-h']).common).toEqual({ help: true, json: '-', report: 'r.html' })
})

describe('refuses, naming the option, what it wants and what it got,', () => {
  it.each([
    [['--lookups', '0'], '--lookups must be a whole number from 1 to 50, got "0"'],
    [['--lookups', '2.5'], '--lookups must be a whole number from 1 to 50, got "2.5"'],
    [['--lookups', ''], '--lookups must be a whole number from 1 to 50, got ""'],
    [['--rtt-ms', 'NaN'], '--rtt-ms must be a number from 0 to 1000, got "NaN"'],
    [['--rtt-ms', '1e99'], '--rtt-ms must be a number from 0 to 1000, got "1e99"'],
    [['--mode', 'sly'], '--mode must be one of silent, slow, got "sly"'],
    [['--arms', 'a,a'], '--arms must be some of a, b, c, each once, separated by commas, got "a,a"'],
    [['--arms', ''], '--arms must be some of a, b, c, each once, separated by commas, got ""'],
    [['--scenario', '0.9'], '--scenario must be one of storm, calm or a number from 0 to 0.8, got "0.9"'],
    [['--key', 'x'], '--key: "x" is no key'],
    [['--rttMs', '5'], 'Unknown option \'--rttMs\''],
    [['--json'], 'Option \'--json <value>\' argument missing'],
    [['storm'], 'Unexpected argument \'storm\'']
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(new UsageError(message))
  })
})

function parse (...args: string[]): unknown {
  return parseOptions(DEFINITIONS, args).options
}

function parseKey (text: string): number {
  if (!text.startsWith('k')) {
    throw new Error(`"${text}" is no key`)
  }

  return Number(text.slice(1))
}

it('tells which options were given, be it at their defaults', () => {
  expect(parseOptions(DEFINITIONS, ['--rtt-ms', String(DEFAULTS.rttMs)]).given).toEqual(new Set(['rttMs']))
})
