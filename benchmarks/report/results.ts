/**
 * The arms of a comparison, in the order in which reports list them
 */
export const ARMS = ['kad-dht', 'kad-dht-tuned', 'go-kad-dht', 'go-optimistic', 'full-table', 'kadabra', 'scored', 'scored-warm', 'oracle', 'oracle-tcp'] as const
export type Arm = typeof ARMS[number]

export const OPERATIONS = ['closest-peers', 'find-peer', 'find-providers', 'get-value', 'put-value', 'provide', 'provide-many', 'put-many'] as const
export type Operation = typeof OPERATIONS[number]

/**
 * One operation carried out by one arm
 */
export interface Sample {
  arm: Arm
  scenario: string
  operation: Operation
  /** Number of the key, from 0. Samples with the same index form a pair across arms. */
  index: number
  /** Time of the operation, ms. After a failure it is the time limit. */
  timeMs: number
  failed: boolean
  /** The reason of a failure in one line, where it is known */
  reason?: string
  /**
   * Share found of the k closest peers (or of the holders) that were alive during the whole
   * operation, 0 to 1. Undefined where it cannot be known.
   */
  recall: number | undefined
  /** Of the peers that the arm remembers, the share that really exists, 0 to 1. Counted where somebody invents peers. */
  honestMemory?: number
  /** A put that had not stored all records when it returned, or whose records may still have been on their way: when all had arrived, ms from its start, and its recall by the time it returned */
  afterReturn?: { timeMs: number, recallAtReturn: number | undefined }
  /** Whether a stock kad-dht client found what was put, soon after the return and later. `later` is missing while it was not looked for again. */
  retrieved?: { soon: boolean, later?: boolean }
  /** Number of peers that were found, or that a record was stored with. Undefined where it is not counted. */
  found?: number
  /** Length of the longest chain of referrals. Undefined where it is not counted. */
  hops?: number
  /** RPCs sent on behalf of this operation */
  queries: number
  /** Dials started while this operation ran, background ones included */
  dials: number
  /** What the arm did by itself between its previous operation and this one */
  background?: { queries: number, dials: number }
  /** RPCs and dials during this operation that went to peers that did not answer */
  unresponsive: number
  /** What the time was spent on, ms, summed over all requests in flight */
  spentMs: { dialling: number, waiting: number, wasted: number }
}

/**
 * The scores that an arm held at some time of a run, for the plot of live and dead peers
 */
export interface ScoreSnapshot {
  arm: Arm
  scenario: string
  /** The operation after which it was taken */
  index: number
  /** Median and quartiles of the scores of peers that really are alive, and of those that really are dead */
  alive: { p25: number, p50: number, p75: number, count: number }
  dead: { p25: number, p50: number, p75: number, count: number }
}

export interface ArmResult {
  arm: Arm
  scenario: string
  operation: Operation
  samples: number
  failures: number
  /** Share of the operations that did not fail, 0 to 1 */
  success: number
  timeMs: { p50: number, p90: number, p99: number, mean: number }
  /** Results of the ten operations with the lowest index, because a cold arm learns most in these */
  firstTen: { p50: number, queries: { mean: number }, dials: { mean: number } }
  /** Absent when the recall of no sample is known */
  recall?: { mean: number, min: number }
  /** Of the peers that the arm remembers, the share that really exists. Absent where nobody invents peers, and for arms without a memory. */
  honestMemory?: { mean: number, min: number }
  /** When all records were stored of the puts that had returned before, ms from their start, and their recall by the time they returned. Absent where no put returns before. */
  afterReturn?: { timeMs: { p50: number, p90: number }, recallAtReturn: { mean: number, min: number } }
  /** Share of the puts whose record a stock kad-dht client found, 0 to 1. Absent where nobody looked for it. */
  retrieved?: { soon: number, later?: number }
  queries: { mean: number }
  dials: { mean: number }
  unresponsive: { mean: number }
  /** What the arm did by itself between two operations. Absent where this was not counted. */
  background?: { queries: { mean: number }, dials: { mean: number } }
}

export interface Versus {
  arm: Arm
  baseline: Arm
  scenario: string
  operation: Operation
  /** Median time of the baseline divided by that of the arm. Above 1, the arm is faster. */
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
  /** Versions of Node and of the packages that are compared */
  versions: Record<string, string>
  machine: { cpu: string, cores: number, memoryGiB: number, platform: string }
  /** Sentences that a reader must know to understand the numbers */
  notes: string[]
  /** Further results of the run, by name, such as the hash of a simulation's trace */
  measures?: Record<string, string | number>
  results: ArmResult[]
  versus: Versus[]
}
