import { onTestFinished } from 'vitest'
import { builtProgram, notBuilt } from '../../../benchmarks/foreign/built-program.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { ProgramPeer } from './program-peer.ts'
import type { ProgramPeerInit } from './program-peer.ts'

const PROGRAM = builtProgram('rust-peers')

/** Why tests with rust-libp2p can't run, if they can't */
export const NO_RUST = PROGRAM === undefined ? notBuilt('rust-peers') : undefined

export interface RustPeerInit extends Partial<ProgramPeerInit> {
  /** How long a connection without streams is kept, ms. @default 10_000 */
  idleConnectionMs?: number
  /** Whether it answers pings, and sends them. Rust leaves that to its users. @default true */
  ping?: boolean
}

/**
 * A peer of rust-libp2p, until the test is over
 */
export async function rustPeer (init: RustPeerInit = {}): Promise<ProgramPeer> {
  const peer = await ProgramPeer.start({ program: PROGRAM ?? '', protocol: PROTOCOL, ...init })
  onTestFinished(async () => { await peer.stop() })

  return peer
}
