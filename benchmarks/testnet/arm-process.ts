import { peerIdFromString } from '@libp2p/peer-id'
import { raceSignal } from 'race-signal'
import { closeConnections, startArmNode } from './arm-node.ts'
import { runOperation } from './run-operation.ts'
import { runOracle } from './run-oracle.ts'
import { serveCommands } from './serve-commands.ts'
import { TrafficLedger } from './traffic-ledger.ts'
import type { ArmNode, ArmNodeInit } from './arm-node.ts'
import type { Task } from './run-operation.ts'
import type { PeerDescription, Period } from './testnet-network.ts'
import type { Traffic } from './traffic-ledger.ts'

/**
 * How an operation went
 */
export interface Performance {
  timeMs: number
  failed: boolean
  /** Printable ids of the peers or providers that were found */
  found: string[]
  /** When it ran */
  period: Period
  /** What the node did while it ran */
  traffic: Traffic
  /** What the node did between the operation before and this one */
  background: Traffic
}

const ledger = new TrafficLedger()
let started: { init: Omit<ArmNodeInit, 'ledger'>, arm: ArmNode, accountedUntil: number } | undefined

/**
 * What the process of an arm can be asked to do
 */
const commands = {
  /** @returns The arm's printable peer id */
  async start (init: Omit<ArmNodeInit, 'ledger'>): Promise<string> {
    const arm = await startArmNode({ ...init, ledger })

    started = { init, arm, accountedUntil: performance.now() }

    return arm.node.peerId.toString()
  },

  /** The targets are for the oracle */
  async perform ({ task, targets }: { task: Task, targets: PeerDescription[] }): Promise<Performance> {
    const { arm: { node, dht }, init: { options } } = running()
    const signal = AbortSignal.timeout(options.timeoutMs)
    const period = { from: Date.now(), to: 0 }
    const from = performance.now()
    let found: string[] = []
    let failed = false

    try {
      const operation = dht == null ? runOracle(node, task, targets, { signal }) : runOperation(dht, task, { signal })

      // whoever overlooks the signal is not waited for
      found = await raceSignal(operation, signal)
    } catch {
      failed = true
    }

    const to = performance.now()

    period.to = Date.now()

    const background = ledger.close(running().accountedUntil, from)
    const traffic = ledger.close(from, to)

    running().accountedUntil = to

    if (dht == null && options.oracleConnections === 'none') {
      await closeConnections(node)
    }

    return { timeMs: failed ? options.timeoutMs : to - from, failed, found, period, traffic, background }
  },

  /** @returns Score by printable peer id, of the peers that have one */
  scores (peers: string[]): Record<string, number> {
    const { arm: { dht } } = running()

    if (dht == null || !('scores' in dht)) {
      return {}
    }

    return Object.fromEntries(peers
      .map(peer => ({ peer, ...dht.scores.get(peerIdFromString(peer)) }))
      .filter(({ record }) => record != null)
      .map(({ peer, score }) => [peer, score]))
  },

  async stop (): Promise<void> {
    await running().arm.stop()
  }
}

export type ArmCommands = typeof commands

serveCommands(commands)

function running (): NonNullable<typeof started> {
  if (started == null) {
    throw new Error('the arm was not started')
  }

  return started
}
