import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from 'simple-statistics'
import { seededRandom } from '../random/seeded-random.ts'
import { shuffle } from '../random/shuffle.ts'
import { isServer } from './peer-states.ts'
import { testnetTask } from './testnet-task.ts'
import type { ArmCommands, Performance } from './arm-process.ts'
import type { NetworkCommands } from './network-process.ts'
import type { PeerDescription } from './testnet-network.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { ComparisonHooks } from '../live/comparison.ts'
import type { LiveArm } from '../live/live-arms.ts'
import type { Task } from '../live/run-operation.ts'
import type { ChildProcess } from '../processes/child-process.ts'
import type { Operation, ScoreSnapshot } from '../report/results.ts'

/**
 * What a comparison needs from the operating system
 */
export interface ComparisonResources {
  /** For what is to survive an arm's restart */
  directory: string
  startNetwork (): ChildProcess<NetworkCommands>
  startArm (arm: LiveArm): ChildProcess<ArmCommands>
}

/** Round trip times after which what was sent has arrived on the longest link, too */
const ARRIVAL_RTTS = 10

/** An arm whose node is running */
interface RunningArm {
  arm: LiveArm
  /** Printable peer id */
  id: string
  process: ChildProcess<ArmCommands>
}

/**
 * Carry all operations of a comparison out: every arm gets the same keys, one
 * after the other, in an order that is drawn anew for each key. full-table works by
 * itself when the others have done: whenever it asks everybody at once, the one process
 * that all servers share falls behind, and whoever waits for a server then would have
 * to pay for it.
 */
export async function compareArms (options: TestnetOptions, hooks: ComparisonHooks, resources: ComparisonResources): Promise<void> {
  const { arms, operations, lookups, trainLookups, seed } = options
  const trains = arms.includes('scored-warm')
  const performances = arms.map(arm => Math.ceil(lookups / strideOf(arm, options))).reduce((a, b) => a + b, 0)
  const total = 1 + arms.length + (trains ? trainLookups : 0) + performances * operations.length
  const scenario = options.mode ?? String(options.scenario)
  let done = 0

  const step = async <T> (label: string, work: () => Promise<T>): Promise<T> => {
    hooks.onProgress(done, total, label)

    const result = await work()

    hooks.onProgress(++done, total, label)

    return result
  }

  const network = resources.startNetwork()
  let peers = await step(`starting ${options.nodes} servers`, async () => network.call('start', options))

  if (trains) {
    const trainee = await startArm('scored-warm')

    for (let index = 0; index < trainLookups; index++) {
      const task = testnetTask({ seed, operation: 'closest-peers', index, owner: 'training', peers })

      await step('training scored-warm', async () => trainee.process.call('perform', { task, targets: [] }))
    }

    await trainee.process.call('stop', undefined)
    await trainee.process.kill()
    peers = await network.call('redraw', undefined)
  }

  await compare(arms.filter(arm => arm !== 'full-table'))
  await compare(arms.filter(arm => arm === 'full-table'))

  async function compare (together: LiveArm[]): Promise<void> {
    const running = await Promise.all(together.map(async arm => step('starting the arms', async () => startArm(arm))))

    for (const operation of operations) {
      for (let index = 0; index < lookups; index++) {
        await takeKey(operation, index, running.filter(({ arm }) => index % strideOf(arm, options) === 0))
      }
    }
  }

  async function takeKey (operation: Operation, index: number, runners: RunningArm[]): Promise<void> {
    if (runners.length === 0) {
      return
    }

    const shared = await place(testnetTask({ seed, operation, index, peers }))

    for (const runner of shuffle(runners, seededRandom(seed, 'order', operation, index))) {
      const task = isPut(operation) ? testnetTask({ seed, operation, index, owner: runner.arm, peers }) : shared

      await step(`${operation} ${index + 1} of ${lookups}: ${runner.arm}`, async () => perform(runner, task, index))

      if (hasScores(runner.arm) && index % options.scoresEvery === 0) {
        await lookAtScores(runner, index)
      }
    }
  }

  async function startArm (arm: LiveArm): Promise<RunningArm> {
    const process = resources.startArm(arm)
    const id = await process.call('start', { arm, options, peers, directory: join(resources.directory, arm) })

    return { arm, id, process }
  }

  /** Put what is to be found where it belongs */
  async function place (task: Task): Promise<Task> {
    switch (task.operation) {
      case 'get-value':
        await network.call('placeValue', task)
        return task
      case 'find-providers':
        return { ...task, providers: await network.call('placeProviders', { multihash: task.key }) }
      default:
        return task
    }
  }

  async function perform (runner: RunningArm, task: Task, index: number): Promise<void> {
    const targets = runner.arm === 'oracle' ? await targetsOf(task) : []
    const performance = await runner.process.call('perform', { task, targets })
    const { timeMs, failed, reason, traffic, background, trace } = performance

    if (trace.length > 0) {
      hooks.onTrace({ arm: runner.arm, operation: task.operation, index, timeMs, lines: trace })
    }

    hooks.onSample({
      arm: runner.arm,
      scenario,
      operation: task.operation,
      index,
      timeMs,
      failed,
      reason,
      recall: await recallOf(runner, task, performance),
      ...traffic,
      background: { queries: background.queries, dials: background.dials }
    })
  }

  async function lookAtScores (runner: RunningArm, index: number): Promise<void> {
    const scores = await runner.process.call('scores', peers.map(({ id }) => id))
    const scoresOf = (alive: boolean): number[] => peers.flatMap(({ id, state }) => id in scores && isServer(state) === alive ? [scores[id]] : [])

    hooks.onScores({
      arm: runner.arm,
      scenario,
      index,
      alive: quartiles(scoresOf(true)),
      dead: quartiles(scoresOf(false))
    })
  }

  async function targetsOf ({ key }: Task): Promise<PeerDescription[]> {
    const closest = new Set(await network.call('closestAlive', { key, period: { from: Date.now(), to: Date.now() } }))

    return peers.filter(({ id }) => closest.has(id))
  }

  async function recallOf (runner: RunningArm, { operation, key, providers }: Task, { failed, found, period }: Performance): Promise<number> {
    switch (operation) {
      case 'closest-peers': {
        const closest = await network.call('closestAlive', { key, period })

        return shareOf(closest, found)
      }
      case 'find-peer':
      case 'get-value':
        return failed ? 0 : 1
      case 'find-providers':
        return shareOf(providers, found)
      case 'put-value':
        return network.call('shareHoldingValue', { key, period })
      case 'provide':
        // nobody answers to provider records: the last ones are still on their way
        await delay(ARRIVAL_RTTS * options.rttMs)
        return network.call('shareHoldingProvider', { multihash: key, provider: runner.id, period })
      default:
        return operation satisfies never
    }
  }
}

/** Which keys an arm takes: every one, or every n-th */
function strideOf (arm: LiveArm, { fullTableEvery }: TestnetOptions): number {
  return arm === 'full-table' ? fullTableEvery : 1
}

function isPut (operation: Operation): boolean {
  return operation === 'put-value' || operation === 'provide'
}

function hasScores (arm: LiveArm): boolean {
  return arm === 'scored' || arm === 'scored-warm'
}

/** The neutral score where there is none */
function quartiles (scores: number[]): ScoreSnapshot['alive'] {
  const at = (p: number): number => scores.length === 0 ? 0.5 : quantile(scores, p)

  return { p25: at(0.25), p50: at(0.5), p75: at(0.75), count: scores.length }
}

function shareOf (wanted: string[], found: string[]): number {
  return wanted.filter(id => found.includes(id)).length / wanted.length
}
