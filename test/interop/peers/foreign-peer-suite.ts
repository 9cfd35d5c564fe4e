import { describe, onTestFinished } from 'vitest'
import { builtProgram, notBuilt } from '../../../benchmarks/foreign/built-program.ts'
import { recordCases } from './cases/record-cases.ts'
import { refusalCases } from './cases/refusal-cases.ts'
import { replyCases } from './cases/reply-cases.ts'
import { streamCases } from './cases/stream-cases.ts'
import { tableCases } from './cases/table-cases.ts'
import type { ForeignPeer, ForeignPeerInit } from './foreign-peer.ts'
import type { ForeignProgram } from '../../../benchmarks/foreign/built-program.ts'

export interface ForeignPeerSuiteInit {
  /** For people */
  name: string
  program: ForeignProgram
  /** The DHT's protocol */
  protocol: string
  /** @param program - Its path */
  start (program: string, init?: ForeignPeerInit): Promise<ForeignPeer>
  /** Whether its clients put public keys. @default true */
  publicKeys?: boolean
  /** Whether its servers refuse values that are invalid or older. @default true */
  validates?: boolean
  /** Whether its clients correct peers that have an older value. @default true */
  corrects?: boolean
  /** Whether its tables drop a peer that is a client from now on. @default true */
  dropsClients?: boolean
}

/** What the cases are given */
export interface ForeignSuite {
  protocol: string
  publicKeys: boolean
  validates: boolean
  corrects: boolean
  dropsClients: boolean
  /** A peer of its own for a test, until that is over */
  peer (init?: ForeignPeerInit): Promise<ForeignPeer>
}

/**
 * How stock nodes and ours get on with peers of another implementation. It is skipped where
 * their program is not built.
 */
export function foreignPeerSuite ({ name, program, protocol, start, publicKeys = true, validates = true, corrects = true, dropsClients = true }: ForeignPeerSuiteInit): void {
  const path = builtProgram(program)

  if (path === undefined) {
    console.warn(notBuilt(program))
  }

  const suite: ForeignSuite = {
    protocol,
    publicKeys,
    validates,
    corrects,
    dropsClients,
    async peer (init) {
      const peer = await start(path ?? '', init)
      onTestFinished(async () => { await peer.stop() })

      return peer
    }
  }

  describe.skipIf(path === undefined)(path === undefined ? `${name} (${notBuilt(program)})` : name, () => {
    recordCases(suite)
    replyCases(suite)
    tableCases(suite)
    streamCases(suite)
    refusalCases(suite)
  })
}
