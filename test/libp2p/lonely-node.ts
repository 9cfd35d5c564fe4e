import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import { scoredKadDHT } from '../../src/service.ts'
import { testInit } from '../conformance/test-network.ts'
import { errorsTo } from './errors-to.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import type { Libp2pOptions } from 'libp2p'

export type LonelyNode = Libp2p<{ identify: Identify, ping: Ping, dht: ScoredKadDHT }>

export interface LonelyNodeInit {
  /** Left unstarted where false */
  start?: boolean
  /** The log's errors go here, and all else to `info` */
  errors?: string[]
  info?: string[]
  options?: Libp2pOptions
}

/**
 * A node that talks to nobody, until the test is over
 */
export async function lonelyNode (scoring: ScoringInit, { start = true, errors = [], info = [], options = {} }: LonelyNodeInit = {}): Promise<LonelyNode> {
  const node = await createLibp2p({
    start: false,
    logger: errorsTo(errors, info),
    ...options,
    services: {
      identify: identify(),
      ping: ping(),
      dht: scoredKadDHT({
        ...testInit({ clientMode: true, initialQuerySelfInterval: 3_600_000 }),
        scoring: { flushIntervalMs: 100, ...scoring }
      })
    }
  })

  onTestFinished(async () => { await node.stop() })

  if (start) {
    await node.start()
  }

  return node as LonelyNode
}
