import { LIVE_ARMS } from '../../live/live-arms.ts'
import type { LiveArm } from '../../live/live-arms.ts'
import type { Arm } from '../../report/results.ts'

/**
 * The arms that are Go nodes: go-libp2p-kad-dht as its users run it, and with its
 * optimistic provide
 */
export const GO_ARMS = ['go-kad-dht', 'go-optimistic'] as const satisfies readonly Arm[]
export type GoArm = typeof GO_ARMS[number]

/**
 * The arms of the testnet
 */
export const TESTNET_ARMS = [...LIVE_ARMS, ...GO_ARMS] as const
export type TestnetArm = LiveArm | GoArm

/**
 * Whether an arm is a Go node
 */
export function isGoArm (arm: TestnetArm): arm is GoArm {
  return GO_ARMS.some(name => name === arm)
}
