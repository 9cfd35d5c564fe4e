import type { Performance } from './arm-process.ts'
import type { Task } from '../../live/run-operation.ts'
import type { PeerDescription } from '../testnet-network.ts'

/**
 * The client of an arm, which runs in a process of its own
 */
export interface ArmClient {
  /**
   * Start it, have it bootstrap, and wait until it is ready
   *
   * @returns Its printable peer id
   */
  start (peers: PeerDescription[]): Promise<string>

  /**
   * Carry an operation out
   *
   * @param targets - The peers that only the oracle is told
   */
  perform (task: Task, targets: PeerDescription[]): Promise<Performance>

  /** @returns Scores by printable peer id, for those peers that have one */
  scores (peers: string[]): Promise<Record<string, number>>

  /** Stop it as its users would, and end its process */
  stop (): Promise<void>
}
