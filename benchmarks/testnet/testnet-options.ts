import { choiceOption } from '../command-line/choice-option.ts'
import { choiceOrNumberOption } from '../command-line/choice-or-number-option.ts'
import { listOption } from '../command-line/list-option.ts'
import { numberOption } from '../command-line/number-option.ts'
import { LIVE_ARMS } from '../live/live-arms.ts'
import { OPERATIONS } from '../report/results.ts'
import { TESTNET_ARMS } from './arms/testnet-arms.ts'
import type { OptionDefinition } from '../command-line/option-definition.ts'
import type { TestnetArm } from './arms/testnet-arms.ts'
import type { Operation } from '../report/results.ts'

/**
 * Share of dead peers among the entries of the routing tables, by scenario
 */
export const SCENARIOS = { ideal: 0, calm: 0.05, amino: 0.15, storm: 0.5 } as const
export type Scenario = keyof typeof SCENARIOS

/**
 * One way of failing, for `mode`. `refuses`, `silent` and `stalls` are dead peers, the
 * others are live servers.
 */
export const MODES = ['refuses', 'silent', 'stalls', 'slow', 'flaps', 'lies'] as const
export type Mode = typeof MODES[number]

/** The implementations that the servers can have */
export const SERVER_PEERS = ['js', 'go'] as const

export interface TestnetOptions {
  peers: typeof SERVER_PEERS[number]
  scenario: Scenario | number
  mode: Mode | undefined
  nodes: number
  operations: Operation[]
  arms: TestnetArm[]
  lookups: number
  bulkKeys: number
  fullTableEvery: number
  trainLookups: number
  redrawShare: number
  seed: number
  rttMs: number
  sigma: number
  timeoutMs: number
  laterMs: number
  k: number
  nearPeers: number
  farPeers: number
  knownShare: number
  bootstrapPeers: number
  maxConnections: number
  providers: number
  scoresEvery: number
  trace: boolean
}

/**
 * Every option of the testnet, in the order in which help lists them
 */
export const TESTNET_OPTIONS: { readonly [Name in keyof TestnetOptions]: OptionDefinition } = {
  peers: choiceOption('the servers: js nodes with kad-dht, or Go nodes with go-libp2p-kad-dht, which npm run interop:build builds', {
    default: 'js',
    choices: SERVER_PEERS
  }),
  scenario: choiceOrNumberOption('share of dead peers among the entries of the routing tables: ideal 0, calm 0.05, amino 0.15, storm 0.5, or any number', {
    default: 'storm',
    choices: Object.keys(SCENARIOS),
    min: 0,
    max: 0.8
  }),
  mode: choiceOption('instead of a scenario: 30% of the peers (20% for lies) fail in just this way', {
    default: undefined,
    choices: MODES
  }),
  arms: listOption('what to compare; Go clients are compared when the servers are Go nodes, or when they are asked for', {
    default: LIVE_ARMS,
    // full-table asks all peers, which is not quick
    quick: LIVE_ARMS.filter(arm => arm !== 'full-table'),
    choices: TESTNET_ARMS
  }),
  operations: listOption('what each arm does', {
    default: ['closest-peers'],
    choices: OPERATIONS
  }),
  lookups: numberOption('keys per arm and operation', { default: 12, quick: 2, min: 1, max: 100_000 }),
  bulkKeys: numberOption('records of one provide-many or put-many', { default: 2_000, quick: 100, min: 1, max: 1_000_000 }),
  nodes: numberOption('live DHT servers', { default: 200, quick: 60, min: 8, max: 5000 }),
  seed: numberOption('the same seed gives the same network, keys and order of arms', { default: 1, min: 0, max: 2 ** 31 - 1 }),
  timeoutMs: numberOption('time limit of one operation: a failure counts as this', { default: 20_000, min: 100, max: 600_000, unit: 'ms' }),
  laterMs: numberOption('what was put is looked for again when so long has passed since the last put', { default: 60_000, quick: 5_000, min: 0, max: 3_600_000, unit: 'ms' }),
  trainLookups: numberOption('lookups of scored-warm before its restart, on keys of their own', { default: 20, quick: 3, min: 0, max: 100_000 }),
  redrawShare: numberOption('share of the peers whose states are drawn anew before scored-warm restarts', { default: 0.2, min: 0, max: 1, integer: false }),
  fullTableEvery: numberOption('full-table takes only every n-th key, because it asks everybody', { default: 6, min: 1, max: 100_000 }),
  rttMs: numberOption('median round trip time of the links', { default: 100, min: 0, max: 10_000, unit: 'ms', integer: false }),
  sigma: numberOption('standard deviation of the logarithm of the round trip times', { default: 0.5, min: 0, max: 3, integer: false }),
  k: numberOption('closest peers that a lookup looks for', { default: 20, min: 1, max: 100 }),
  nearPeers: numberOption('peers that each server knows of its neighbourhood', { default: 30, min: 1, max: 10_000 }),
  farPeers: numberOption('peers that each server knows in each k-bucket beyond its neighbourhood', { default: 4, min: 1, max: 10_000 }),
  knownShare: numberOption('share of its neighbourhood that each server knows, cut down to the live share: at 1 all servers name the same peers', { default: 0.75, min: 0.05, max: 1, integer: false }),
  bootstrapPeers: numberOption('live servers that every client dials first', { default: 3, min: 1, max: 100 }),
  maxConnections: numberOption("each client's limit of connections, the oracle excepted; libp2p's default", { default: 300, min: 1, max: 100_000 }),
  providers: numberOption('providers of each key that find-providers looks for', { default: 3, min: 1, max: 20 }),
  scoresEvery: numberOption('operations between two looks at the scores', { default: 4, quick: 1, min: 1, max: 100_000 }),
  trace: { description: "print each decision of each scored arm's median and 99th percentile lookup, with its reason", default: false }
}
