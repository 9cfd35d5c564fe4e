import { describe, expect, test } from 'vitest'
import { choiceOption } from '../../../benchmarks/command-line/choice-option.ts'
import { choiceOrNumberOption } from '../../../benchmarks/command-line/choice-or-number-option.ts'
import { listOption } from '../../../benchmarks/command-line/list-option.ts'
import { numberOption } from '../../../benchmarks/command-line/number-option.ts'
import { parseOptions } from '../../../benchmarks/command-line/parse-options.ts'
import { UsageError } from '../../../benchmarks/command-line/usage-error.ts'
import type { OptionDefinition } from '../../../benchmarks/command-line/option-definition.ts'

const DEFINITIONS = {
  rttMs: numberOption('', { default: 100, quick: 20, min: 0, max: 1000, integer: false }),
  lookups: numberOption('', { default: 16, quick: 3, min: 1, max: 50 }),
  mode: choiceOption('', { default: undefined, choices: ['silent', 'slow'] }),
  arms: listOption('', { default: ['a', 'b'], choices: ['a', 'b', 'c'] }),
  scenario: choiceOrNumberOption('', { default: 'storm', choices: ['storm', 'calm'], min: 0, max: 0.8 }),
  key: { description: '', default: 'none', placeholder: 'KEY', parse: parseKey },
  trace: { description: '', default: false }
} satisfies Record<string, OptionDefinition>

const DEFAULTS = { rttMs: 100, lookups: 16, mode: undefined, arms: ['a', 'b'], scenario: 'storm', key: 'none', trace: false }

test('leaves everything at its default', () => {
  expect(parseOptions(DEFINITIONS, [])).toEqual({ options: DEFAULTS, given: new Set(), common: { help: false, json: undefined, report: undefined } })
})

test('reads each kind of value', () => {
  expect(parse('--rtt-ms', '12.5', '--lookups=50', '--mode', 'slow', '--arms', 'c,a', '--scenario', '0.3', '--key', 'k1', '--trace')).toEqual({
    rttMs: 12.5, lookups: 50, mode: 'slow', arms: ['c', 'a'], scenario: 0.3, key: 1, trace: true
  })
  expect(parse('--scenario', 'calm')).toEqual({ ...DEFAULTS, scenario: 'calm' })
})

test('takes the smaller defaults for a quick run, unless a value was given', () => {
  expect(parse('--quick', '--lookups', '9')).toEqual({ ...DEFAULTS, rttMs: 20, lookups: 9 })
})

test('reads where the results go', () => {
  expect(parseOptions(DEFINITIONS, ['--json', '-', '--report', 'r.html', '-h']).common).toEqual({ help: true, json: '-', report: 'r.html' })
})

describe('refuses, naming the option, what it wants and what it got,', () => {
  test.each([
    [['--lookups', '0'], '--lookups must be a whole number from 1 to 50, got "0"'],
    [['--lookups', '2.5'], '--lookups must be a whole number from 1 to 50, got "2.5"'],
    [['--lookups', ''], '--lookups must be a whole number from 1 to 50, got ""'],
    [['--rtt-ms', 'NaN'], '--rtt-ms must be a number from 0 to 1000, got "NaN"'],
    [['--rtt-ms', '1e99'], '--rtt-ms must be a number from 0 to 1000, got "1e99"'],
    [['--mode', 'sly'], '--mode must be one of silent, slow, got "sly"'],
    [['--arms', 'a,a'], '--arms must be some of a, b, c, each once, separated by commas, got "a,a"'],
    [['--arms', ''], '--arms must be some of a, b, c, each once, separated by commas, got ""'],
    [['--scenario', '0.9'], '--scenario must be one of storm, calm or a number from 0 to 0.8, got "0.9"'],
    [['--key', 'x'], '--key must start with k, got "x"'],
    [['--rttMs', '5'], 'unknown option \'--rttMs\' (Did you mean --rtt-ms?)'],
    [['--lokups', '5'], 'unknown option \'--lokups\' (Did you mean --lookups?)'],
    [['--wherever'], 'unknown option \'--wherever\''],
    [['--json'], 'option \'--json <FILE>\' argument missing'],
    [['storm'], 'too many arguments. Expected 0 arguments but got 1: storm.']
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(new UsageError(message))
  })
})

function parse (...args: string[]): unknown {
  return parseOptions(DEFINITIONS, args).options
}

function parseKey (text: string): number {
  if (!text.startsWith('k')) {
    throw new Error(`must start with k, got "${text}"`)
  }

  return Number(text.slice(1))
}

test('tells which options were given, be it at their defaults', () => {
  expect(parseOptions(DEFINITIONS, ['--rtt-ms', String(DEFAULTS.rttMs)]).given).toEqual(new Set(['rttMs']))
})
