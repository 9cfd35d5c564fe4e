import { setTimeout as delay } from 'node:timers/promises'
import { mean, quantile } from 'simple-statistics'
import { seededRandom } from '../random/seeded-random.ts'
import { shuffle } from '../random/shuffle.ts'
import { isBulk, isPut } from '../report/is-put.ts'
import { isServer } from './peer-states.ts'
import { isValue, PutObserver } from './put-observer.ts'
import { testnetTask } from './testnet-task.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { Performance } from './arms/arm-process.ts'
import type { TestnetArm } from './arms/testnet-arms.ts'
import type { NetworkCommands } from './network-process.ts'
import type { ObservedPut, PutAfterReturn } from './put-observer.ts'
import type { PeerDescription, Period } from './testnet-network.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { ComparisonHooks } from '../live/comparison.ts'
import type { Task } from '../live/run-operation.ts'
import type { ChildProcess } from '../processes/child-process.ts'
import type { Operation, Sample, ScoreSnapshot } from '../report/results.ts'

/** Of a bulk put so many records are looked at */
const LOOKED_AT = 10

/**
 * The parts of the operating system that a comparison uses
 */
export interface ComparisonResources {
  startNetwork (): ChildProcess<NetworkCommands>
  /** @returns The client in a process of its own, not started yet. Its files survive its restart. */
  startArm (arm: TestnetArm): ArmClient
  /** @returns A stock client in a process of its own, not started yet. It looks for what the arms put. */
  startReader (): ArmClient
}

/** An arm whose node is running */
interface RunningArm {
  arm: TestnetArm
  /** Printable peer id */
  id: string
  client: ArmClient
}

/** A put whose record is to be looked for once more */
interface PendingPut extends ObservedPut {
  sample: Sample & { retrieved: NonNullable<Sample['retrieved']> }
}

/**
 * Carry out all operations of a comparison. Every arm gets the same keys, one after the
 * other, and the order of the arms is drawn anew for each key. full-table runs alone,
 * after the other arms are done. When it asks all peers at once, the one process that
 * runs all servers falls behind, and this would slow down an arm that waits for a server.
 */
export async function compareArms (options: TestnetOptions, hooks: ComparisonHooks, resources: ComparisonResources): Promise<void> {
  const { arms, nodes, operations } = options
  const network = resources.startNetwork()
  const steps = new Steps(options, hooks)
  const peers = await steps.take(`starting ${nodes} servers`, async () => network.call('start', options))
  const comparison = new ArmComparison({ options, hooks, resources, network, steps, peers })

  if (arms.includes('scored-warm')) {
    await comparison.train()
  }

  if (operations.some(isPut)) {
    await comparison.startReader()
  }

  await comparison.compare(arms.filter(arm => arm !== 'full-table'))
  await comparison.compare(arms.filter(arm => arm === 'full-table'))
}

/** Counts the steps of a comparison, for its progress */
class Steps {
  readonly #hooks: ComparisonHooks
  readonly #total: number
  #done = 0

  constructor (options: TestnetOptions, hooks: ComparisonHooks) {
    const { arms, operations, lookups, trainLookups } = options
    const performances = arms.map(arm => Math.ceil(lookups / strideOf(arm, options))).reduce((a, b) => a + b, 0)

    this.#hooks = hooks
    const puts = operations.filter(isPut).length

    // what was put is looked for once more
    this.#total = 1 + arms.length + (arms.includes('scored-warm') ? trainLookups : 0) + performances * (operations.length + puts) + (puts > 0 ? 1 : 0)
  }

  async take<T> (label: string, work: () => Promise<T>): Promise<T> {
    this.#hooks.onProgress(this.#done, this.#total, label)

    const result = await work()

    this.#hooks.onProgress(++this.#done, this.#total, label)

    return result
  }
}

interface ArmComparisonInit {
  options: TestnetOptions
  hooks: ComparisonHooks
  resources: ComparisonResources
  network: ChildProcess<NetworkCommands>
  steps: Steps
  peers: PeerDescription[]
}

class ArmComparison {
  readonly #options: TestnetOptions
  readonly #hooks: ComparisonHooks
  readonly #resources: ComparisonResources
  readonly #network: ChildProcess<NetworkCommands>
  readonly #steps: Steps
  readonly #scenario: string
  readonly #pending: PendingPut[] = []
  /** When the last put returned, by `performance.now()` */
  #lastPutAt = 0
  #peers: PeerDescription[]
  /** Undefined while nothing is put */
  #observer: PutObserver | undefined

  constructor ({ options, hooks, resources, network, steps, peers }: ArmComparisonInit) {
    this.#options = options
    this.#hooks = hooks
    this.#resources = resources
    this.#network = network
    this.#steps = steps
    this.#scenario = options.mode ?? String(options.scenario)
    this.#peers = peers
  }

  /** Let scored-warm get to know the network. Then change the network while scored-warm is not there to see it. */
  async train (): Promise<void> {
    const { seed, trainLookups, bulkKeys } = this.#options
    const trainee = await this.#startArm('scored-warm')

    for (let index = 0; index < trainLookups; index++) {
      const task = testnetTask({ seed, operation: 'closest-peers', index, owner: 'training', peers: this.#peers, bulkKeys })

      await this.#steps.take('training scored-warm', async () => trainee.client.perform(task, []))
    }

    await trainee.client.stop()
    this.#peers = await this.#network.call('redraw', undefined)
  }

  /** Start the client that looks for what the arms put */
  async startReader (): Promise<void> {
    const { rttMs } = this.#options
    const { signal } = this.#hooks
    const reader = this.#resources.startReader()

    await this.#steps.take('starting the reader', async () => reader.start(this.#peers))
    this.#observer = new PutObserver({
      reader,
      shareHolding: async ({ task, owner }, period) => this.#shareHolding(task, owner, period),
      rttMs,
      wait: async ms => delay(ms, undefined, { signal }),
      now: () => performance.now()
    })
  }

  /** Of the k closest to a record; of a bulk put the mean over its first records */
  async #shareHolding ({ operation, key, others = [] }: Task, owner: string, period: Period): Promise<number> {
    const keys = [key, ...others.slice(0, LOOKED_AT - 1).map(({ key }) => key)]
    const shares = await Promise.all(keys.map(async key => isValue(operation)
      ? this.#network.call('shareHoldingValue', { key, period })
      : this.#network.call('shareHoldingProvider', { multihash: key, provider: owner, period })))

    return mean(shares)
  }

  async compare (together: TestnetArm[]): Promise<void> {
    const { operations, lookups } = this.#options
    const running = await Promise.all(together.map(async arm => this.#steps.take('starting the arms', async () => this.#startArm(arm))))

    try {
      for (const operation of operations) {
        for (let index = 0; index < lookups; index++) {
          await this.#takeKey(operation, index, running.filter(({ arm }) => index % strideOf(arm, this.#options) === 0 && !(arm === 'oracle' && isBulk(operation))))
        }

        await this.#lookAgain()
      }
    } finally {
      // a run that was interrupted has puts that were not looked for again
      this.#pending.forEach(({ sample }) => { this.#hooks.onSample(sample) })
    }
  }

  /** Look once more for what was put, and hand the samples on */
  async #lookAgain (): Promise<void> {
    const { laterMs } = this.#options
    const { signal } = this.#hooks

    for (let put = this.#pending[0]; put !== undefined; put = this.#pending[0]) {
      const { sample } = put

      await this.#steps.take(`${sample.operation}, looking again: ${sample.arm}`, async () => {
        await delay(Math.max(0, this.#lastPutAt + laterMs - performance.now()), undefined, { signal })
        sample.retrieved.later = await this.#observer?.finds(put)
      })
      this.#pending.shift()
      this.#hooks.onSample(sample)
    }
  }

  async #takeKey (operation: Operation, index: number, runners: RunningArm[]): Promise<void> {
    if (runners.length === 0) {
      return
    }

    const { seed, lookups, scoresEvery, bulkKeys } = this.#options
    const shared = await this.#place(testnetTask({ seed, operation, index, peers: this.#peers, bulkKeys }))

    for (const runner of shuffle(runners, seededRandom(seed, 'order', operation, index))) {
      const task = isPut(operation) ? testnetTask({ seed, operation, index, owner: runner.arm, peers: this.#peers, bulkKeys }) : shared

      await this.#steps.take(`${operation} ${index + 1} of ${lookups}: ${runner.arm}`, async () => this.#perform(runner, task, index))

      if (hasScores(runner.arm) && index % scoresEvery === 0) {
        await this.#lookAtScores(runner, index)
      }
    }
  }

  async #startArm (arm: TestnetArm): Promise<RunningArm> {
    const client = this.#resources.startArm(arm)

    return { arm, id: await client.start(this.#peers), client }
  }

  /** Store what a task looks for on the peers where it belongs */
  async #place (task: Task): Promise<Task> {
    switch (task.operation) {
      case 'get-value':
        await this.#network.call('placeValue', task)
        return task
      case 'find-providers':
        return { ...task, providers: await this.#network.call('placeProviders', { multihash: task.key }) }
      default:
        return task
    }
  }

  async #perform (runner: RunningArm, task: Task, index: number): Promise<void> {
    const targets = runner.arm === 'oracle' ? await this.#targetsOf(task) : []
    const result = await runner.client.perform(task, targets)
    const { timeMs, failed, reason, traffic, background, trace } = result
    const put: ObservedPut = { task, owner: runner.id }
    const observed = isPut(task.operation) ? await this.#observe(put, result) : undefined

    if (trace.length > 0) {
      this.#hooks.onTrace({ arm: runner.arm, operation: task.operation, index, timeMs, lines: trace })
    }

    const sample = {
      arm: runner.arm,
      scenario: this.#scenario,
      operation: task.operation,
      index,
      timeMs,
      failed,
      reason,
      recall: await this.#recallOf(task, result),
      ...traffic,
      background: { queries: background.queries, dials: background.dials }
    }

    if (observed === undefined) {
      this.#hooks.onSample(sample)
    } else {
      this.#pending.push({ ...put, sample: { ...sample, ...observed } })
    }
  }

  async #observe (put: ObservedPut, result: Performance): Promise<PutAfterReturn | undefined> {
    this.#lastPutAt = performance.now()

    return this.#observer?.observe(put, result)
  }

  async #lookAtScores (runner: RunningArm, index: number): Promise<void> {
    const scores = await runner.client.scores(this.#peers.map(({ id }) => id))
    const scoresOf = (alive: boolean): number[] => this.#peers.flatMap(({ id, state }) => id in scores && isServer(state) === alive ? [scores[id]] : [])

    this.#hooks.onScores({
      arm: runner.arm,
      scenario: this.#scenario,
      index,
      alive: quartiles(scoresOf(true)),
      dead: quartiles(scoresOf(false))
    })
  }

  async #targetsOf ({ key }: Task): Promise<PeerDescription[]> {
    const closest = new Set(await this.#network.call('closestAlive', { key, period: { from: Date.now(), to: Date.now() } }))

    return this.#peers.filter(({ id }) => closest.has(id))
  }

  async #recallOf ({ operation, key, providers }: Task, { failed, found, period }: Performance): Promise<number | undefined> {
    switch (operation) {
      case 'closest-peers': {
        const closest = await this.#network.call('closestAlive', { key, period })

        return shareOf(closest, found)
      }
      case 'find-peer':
      case 'get-value':
        return failed ? 0 : 1
      case 'find-providers':
        return shareOf(providers, found)
      case 'put-value':
      case 'provide':
      case 'provide-many':
      case 'put-many':
        // records may still be on their way: whoever observes the put tells
        return undefined
      default:
        return operation satisfies never
    }
  }
}

/** Which keys an arm takes: 1 for every key, n for every n-th key */
function strideOf (arm: TestnetArm, { fullTableEvery }: TestnetOptions): number {
  return arm === 'full-table' ? fullTableEvery : 1
}

function hasScores (arm: TestnetArm): boolean {
  return arm === 'scored' || arm === 'scored-warm'
}

/** Without scores, all quartiles are the neutral score */
function quartiles (scores: number[]): ScoreSnapshot['alive'] {
  const at = (p: number): number => scores.length === 0 ? 0.5 : quantile(scores, p)

  return { p25: at(0.25), p50: at(0.5), p75: at(0.75), count: scores.length }
}

function shareOf (wanted: string[], found: string[]): number {
  return wanted.filter(id => found.includes(id)).length / wanted.length
}
