/**
 * The arms of a comparison, in the order in which reports list them
 */
export const ARMS = ['kad-dht', 'kad-dht-tuned', 'go-kad-dht', 'full-table', 'kadabra', 'scored', 'scored-warm', 'oracle'] as const
export type Arm = typeof ARMS[number]

export const OPERATIONS = ['closest-peers', 'find-peer', 'find-providers', 'get-value', 'put-value', 'provide'] as const
export type Operation = typeof OPERATIONS[number]

/**
 * One operation carried out by one arm
 */
export interface Sample {
  arm: Arm
  scenario: string
  operation: Operation
  /** Which key, from 0: samples with the same index form a pair across arms */
  index: number
  /** How long it took, ms; a failure counts as the time limit */
  timeMs: number
  failed: boolean
  /** Why it failed, where that is known: one line */
  reason?: string
  /** Share found of the k closest peers (or of the holders) that were alive throughout, 0 to 1; undefined where it can't be known */
  recall: number | undefined
  /** Peers found, or that a record was stored with; undefined where nobody counted */
  found?: number
  /** How long the longest chain of referrals was; undefined where nobody counted */
  hops?: number
  /** RPCs sent on behalf of this operation */
  queries: number
  /** Dials started while this operation ran, background ones included */
  dials: number
  /** What the arm went on doing by itself between its operation before and this one */
  background?: { queries: number, dials: number }
  /** RPCs and dials of this operation's time that went to peers that did not answer */
  unresponsive: number
  /** What the time was spent on, ms, summed over all requests in flight */
  spentMs: { dialling: number, waiting: number, wasted: number }
}

/**
 * Scores that an arm held at some time of the run, for the plot of good and bad peers
 */
export interface ScoreSnapshot {
  arm: Arm
  scenario: string
  /** The operation after which it was taken */
  index: number
  /** Median and quartiles of the scores of peers that are really alive, and of those really dead */
  alive: { p25: number, p50: number, p75: number, count: number }
  dead: { p25: number, p50: number, p75: number, count: number }
}

export interface ArmResult {
  arm: Arm
  scenario: string
  operation: Operation
  samples: number
  failures: number
  timeMs: { p50: number, p90: number, p99: number, mean: number }
  /** Of the ten operations with the lowest index: a cold arm learns most in these */
  firstTen: { p50: number, queries: { mean: number }, dials: { mean: number } }
  /** Absent where no sample's recall can be known */
  recall?: { mean: number, min: number }
  queries: { mean: number }
  dials: { mean: number }
  unresponsive: { mean: number }
  /** What it did between two operations; absent where that was not counted */
  background?: { queries: { mean: number }, dials: { mean: number } }
}

export interface Versus {
  arm: Arm
  baseline: Arm
  scenario: string
  operation: Operation
  /** Median time of the baseline divided by the arm's: above 1 the arm is faster */
  ratioP50: number
  ci95: [number, number]
}

/**
 * What every benchmark prints with `--json`
 */
export interface Results {
  benchmark: string
  seed: number
  parameters: Record<string, unknown>
  /** Of the packages compared and of Node */
  versions: Record<string, string>
  machine: { cpu: string, cores: number, memoryGiB: number, platform: string }
  /** What a reader must know to read the figures rightly, one sentence each */
  notes: string[]
  /** What the run came to beside the results, by name, such as the hash of a simulation's trace */
  measures?: Record<string, string | number>
  results: ArmResult[]
  versus: Versus[]
}
