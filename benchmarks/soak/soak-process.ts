import { getEventListeners } from 'node:events'
import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import { runOperation } from '../live/run-operation.ts'
import { timeOperation } from '../live/time-operation.ts'
import { TrafficLedger } from '../live/traffic-ledger.ts'
import { serveCommands } from '../processes/serve-commands.ts'
import { startArmNode } from '../testnet/arms/arm-node.ts'
import { testnetTask } from '../testnet/testnet-task.ts'
import { ProcessGauge } from './process-gauge.ts'
import type { ProcessUse } from './process-gauge.ts'
import type { ScoredKadDHT } from '../../src/index.ts'
import type { ArmNode } from '../testnet/arms/arm-node.ts'
import type { PeerDescription } from '../testnet/testnet-network.ts'
import type { TestnetOptions } from '../testnet/testnet-options.ts'
import type { KadDHT } from '@libp2p/kad-dht'

/** Time for the reply to `stop` to be sent, ms. After it, the channel no longer keeps the process alive. */
const RELEASE_MS = 100

/**
 * What the process and its node use
 */
export interface NodeUse extends ProcessUse {
  connections: number
  streams: number
  scores: number
  table: number
  peerStore: number
  /** Number of listeners on the signal that is aborted when the DHT stops */
  abortListeners: number
  /** Node's warnings so far, by kind */
  warnings: Record<string, number>
}

/**
 * Things that are still there after the node was stopped, and were not there before it
 * was made
 */
export interface Leftovers {
  /** Number of handles, by type */
  handles: Record<string, number>
  listeners: number
  warnings: Record<string, number>
}

export interface LookupCounts {
  lookups: number
  failures: number
}

const ledger = new TrafficLedger()
let started: { options: TestnetOptions, gauge: ProcessGauge, arm: ArmNode, dht: KadDHT | ScoredKadDHT } | undefined
let nextKey = 0

/**
 * The commands of the process of the node under test
 */
const commands = {
  async start ({ options, peers, directory }: { options: TestnetOptions, peers: PeerDescription[], directory: string }): Promise<void> {
    const gauge = new ProcessGauge()
    const arm = await startArmNode({ arm: 'scored-warm', options, peers, directory, ledger, onLookupStep: () => {} })

    if (arm.dht === undefined) {
      throw new Error('the node has no DHT')
    }

    started = { options, gauge, arm, dht: arm.dht }
  },

  /** Look up keys until the time is over. Several lookups run at a time. */
  async lookUp ({ durationMs, parallel }: { durationMs: number, parallel: number }): Promise<LookupCounts> {
    const { options: { seed, timeoutMs }, dht } = running()
    const from = performance.now()
    const counts = { lookups: 0, failures: 0 }

    const worker = async (): Promise<void> => {
      while (performance.now() < from + durationMs) {
        const task = testnetTask({ seed, operation: 'closest-peers', index: nextKey++, peers: [], bulkKeys: 1 })
        const { failed } = await timeOperation(async signal => runOperation(dht, task, { signal }), timeoutMs, ledger)

        counts.lookups++
        counts.failures += failed ? 1 : 0
      }
    }

    await Promise.all(Array.from({ length: parallel }, worker))

    return counts
  },

  peersChanged (peers: PeerDescription[]): void {
    running().arm.peersChanged(peers)
  },

  async use (): Promise<NodeUse> {
    const { gauge, arm: { node }, dht } = running()
    const { routingTable, queryManager } = kadDHTInternals(dht)
    const connections = node.getConnections()

    return {
      ...await gauge.use(),
      connections: connections.length,
      streams: connections.reduce((sum, { streams }) => sum + streams.length, 0),
      scores: 'scores' in dht ? dht.scores.size : 0,
      table: routingTable.size,
      peerStore: (await node.peerStore.all()).length,
      abortListeners: getEventListeners(queryManager.shutDownController.signal, 'abort').length,
      warnings: gauge.warnings
    }
  },

  /** Stop the node. After this the process ends as soon as it has nothing left to do. */
  async stop (): Promise<Leftovers> {
    const { gauge, arm, dht } = running()
    const { queryManager } = kadDHTInternals(dht)

    await arm.stop()

    const leftovers = {
      handles: await gauge.handlesLeft(),
      listeners: gauge.listenersLeft() + getEventListeners(queryManager.shutDownController.signal, 'abort').length,
      warnings: gauge.warnings
    }

    started = undefined
    setTimeout(() => { process.channel?.unref() }, RELEASE_MS)

    return leftovers
  }
}

export type SoakCommands = typeof commands

serveCommands(commands)

function running (): NonNullable<typeof started> {
  if (started === undefined) {
    throw new Error('the node was not started')
  }

  return started
}
