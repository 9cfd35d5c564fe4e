import { choiceOption } from '../command-line/choice-option.ts'
import { listOption } from '../command-line/list-option.ts'
import { numberIn } from '../command-line/number-in.ts'
import { numberOption } from '../command-line/number-option.ts'
import { ATTACKS } from './attacks/attack.ts'
import { INSTRUMENT_NAMES } from './arms/instrument.ts'
import { SIMULATED_ARMS, SIMULATED_OPERATIONS, CONDITIONS } from './simulation-options.ts'
import { readTestnetRun } from './scenes/read-testnet-run.ts'
import { STUDIES } from './studies/studies.ts'
import { SESSION_LAWS } from './world/session-laws/session-law.ts'
import type { OptionDefinition } from '../command-line/option-definition.ts'
import type { Churn, SimulationOptions } from './simulation-options.ts'

/**
 * Every option of one simulation, in the order in which help lists them
 */
export const SIMULATOR_OPTIONS: { readonly [Name in keyof SimulationOptions]: OptionDefinition } = {
  nodes: numberOption('DHT servers online on average', { default: 10_000, quick: 1000, min: 100, max: 10_000_000 }),
  conditions: choiceOption('the year whose published measurements the parameters of the world are taken from', {
    default: 'amino-2022',
    choices: CONDITIONS
  }),
  sessions: choiceOption('how the sessions of servers that come and go are distributed, with the same mean and the same share online: as measured, memoryless, with a heavier tail, or on and off by the clock', {
    default: 'weibull',
    choices: SESSION_LAWS
  }),
  nat: {
    description: 'share of the servers behind NATs, in place of that of the conditions, 0 to 0.95: they dial out, and a part is reached through relays, the rest by nobody',
    default: undefined,
    placeholder: 'SHARE',
    parse: text => shareOf(text, 0.95)
  },
  churn: {
    description: 'share of the servers that go off- and online every so many hours, in place of the sessions of the conditions, such as 0.6/3h',
    default: undefined,
    placeholder: 'SHARE/HOURS',
    parse: parseChurn
  },
  adoption: numberOption('share of the servers that run scoredKadDHT', { default: 0, min: 0, max: 1, integer: false }),
  attack: choiceOption('what hostile peers do to the clients: a part of the k closest to each key answers first, with nothing or with each other; or a peer that all know names 1,000 inventions in each answer', {
    default: undefined,
    choices: ATTACKS
  }),
  attackShare: {
    description: 'share of the k closest that are hostile in answers-first, 0.2 by default; or of all servers in inventions, besides that one, 0 by default',
    default: undefined,
    placeholder: 'SHARE',
    parse: text => shareOf(text, 1)
  },
  arms: listOption('what to compare', {
    default: SIMULATED_ARMS.filter(arm => arm !== 'kad-dht-tuned'),
    quick: ['kad-dht', 'go-kad-dht', 'scored', 'oracle'],
    choices: SIMULATED_ARMS
  }),
  operations: listOption('what each arm does, in turn; get-value and put-value are IPNS', {
    default: ['closest-peers'],
    choices: SIMULATED_OPERATIONS
  }),
  hours: numberOption('simulated time over which the operations are spread', { default: 1, quick: 0.2, min: 0.01, max: 1000, unit: 'h', integer: false }),
  lookups: numberOption('keys per arm and operation', { default: 1000, quick: 60, min: 1, max: 10_000_000 }),
  clients: numberOption('clients of each arm, in places of their own, which take turns', { default: 20, quick: 3, min: 1, max: 10_000 }),
  trainLookups: numberOption('lookups of a client of scored-warm before its restart, on keys of their own', { default: 50, quick: 10, min: 0, max: 100_000 }),
  // from the third hour on, the shares of dead entries no longer change
  warmupHours: numberOption('simulated time that the routing tables have grown for when the run begins, an hour of training included', { default: 3, quick: 2, min: 0.1, max: 1000, unit: 'h', integer: false }),
  epsilon: numberOption('share of choices that explore, of the scored arms', { default: 0.2, min: 0, max: 1, integer: false }),
  k: numberOption('closest peers that a lookup looks for, and entries of a k-bucket', { default: 20, min: 1, max: 100 }),
  clientK: numberOption('the same for the clients alone, while all others have k, 1 to 100', { default: undefined, min: 1, max: 100 }),
  timeoutMs: numberOption('time limit of one operation: a failure counts as this', { default: 180_000, min: 100, max: 3_600_000, unit: 'ms' }),
  instrument: choiceOption('whose clients they are, of those who published measurements: it says where they are and what go-libp2p they run', {
    default: undefined,
    choices: INSTRUMENT_NAMES
  }),
  testnet: {
    description: 'the network of that run of the testnet, instead of one like the Amino DHT: a file that its --json wrote',
    default: undefined,
    placeholder: 'FILE',
    parse: readTestnetRun
  },
  study: choiceOption('a sweep that answers one question, each setting in a process of its own; other options given change all of its settings', {
    default: undefined,
    choices: STUDIES.map(({ name }) => name)
  }),
  seed: numberOption('the same seed gives the same world, keys and trace', { default: 1, min: 0, max: 2 ** 31 - 1 })
}

/**
 * @throws {Error} The message says what was expected
 */
function parseChurn (text: string): Churn {
  const [, share, hours] = /^([\d.]+)\/([\d.]+)h$/.exec(text) ?? []
  const everyMs = Number(hours) * 3_600_000

  if (share === undefined || !(everyMs > 0)) {
    throw new Error(`must be a share and hours, such as 0.6/3h, got "${text}"`)
  }

  return { share: shareOf(share, 1), everyMs }
}

function shareOf (text: string, max: number): number {
  const share = numberIn(text, 0, max)

  if (share === undefined) {
    throw new Error(`must be a share from 0 to ${max}, got "${text}"`)
  }

  return share
}
