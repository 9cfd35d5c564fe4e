import { peerIdFromString } from '@libp2p/peer-id'
import { runOperation } from '../../live/run-operation.ts'
import { timeOperation } from '../../live/time-operation.ts'
import { TrafficLedger } from '../../live/traffic-ledger.ts'
import { serveCommands } from '../../processes/serve-commands.ts'
import { startArmNode } from './arm-node.ts'
import { LookupTrace } from './lookup-trace.ts'
import { runOracle } from './run-oracle.ts'
import type { ArmNode, ArmNodeInit } from './arm-node.ts'
import type { PeerDescription, Period } from '../testnet-network.ts'
import type { TestnetOptions } from '../testnet-options.ts'
import type { Task } from '../../live/run-operation.ts'
import type { TimedOperation } from '../../live/time-operation.ts'
import type { Traffic } from '../../live/traffic-ledger.ts'

/**
 * The result of an operation
 */
export interface Performance extends TimedOperation {
  /** The period in which the operation ran */
  period: Period
  /** What the node did between the previous operation and this one */
  background: Traffic
  /** The steps of its lookup, where these are known and were asked for */
  trace: readonly string[]
}

/** A timer can't be longer */
const MAX_TIMER_MS = 2 ** 31 - 1

const ledger = new TrafficLedger()
let trace: LookupTrace | undefined
let started: { init: Omit<ArmNodeInit, 'ledger' | 'onLookupStep'>, arm: ArmNode, accountedUntil: number } | undefined

/**
 * The commands of the process of an arm
 */
const commands = {
  /** @returns The arm's printable peer id */
  async start (init: Omit<ArmNodeInit, 'ledger' | 'onLookupStep'>): Promise<string> {
    const arm = await startArmNode({ ...init, ledger, onLookupStep: step => { trace?.add(step) } })

    started = { init, arm, accountedUntil: performance.now() }

    return arm.node.peerId.toString()
  },

  /** Carry an operation out. Only the oracle needs the targets. */
  async perform ({ task, targets }: { task: Task, targets: PeerDescription[] }): Promise<Performance> {
    const { arm: { node, dht }, init: { options } } = running()
    const period = { from: Date.now(), to: 0 }
    const background = ledger.close(running().accountedUntil, performance.now())
    trace = options.trace ? new LookupTrace(task.key) : undefined

    const timed = await timeOperation(async signal => dht === undefined
      ? runOracle(node, task, targets, { signal })
      : runOperation(dht, task, { signal }), timeLimit(task, options), ledger)

    period.to = Date.now()
    running().accountedUntil = performance.now()

    return { ...timed, period, background, trace: trace?.lines ?? [] }
  },

  /** @returns Scores by printable peer id, for those peers that have one */
  scores (peers: string[]): Record<string, number> {
    const { arm: { dht } } = running()

    if (dht === undefined || !('scores' in dht)) {
      return {}
    }

    return Object.fromEntries(peers
      .map(peer => ({ peer, ...dht.scores.get(peerIdFromString(peer)) }))
      .filter(({ record }) => record !== undefined)
      .map(({ peer, score }) => [peer, score]))
  },

  async stop (): Promise<void> {
    await running().arm.stop()
  }
}

export type ArmCommands = typeof commands

serveCommands(commands)

/** A bulk put has the time of so many single ones, one after another */
function timeLimit ({ others = [] }: Task, { timeoutMs }: Pick<TestnetOptions, 'timeoutMs'>): number {
  return Math.min(timeoutMs * (1 + others.length), MAX_TIMER_MS)
}

function running (): NonNullable<typeof started> {
  if (started === undefined) {
    throw new Error('the arm was not started')
  }

  return started
}
