import type { ArmClient } from './arm-client.ts'
import type { ArmCommands, Performance } from './arm-process.ts'
import type { LiveArm } from '../../live/live-arms.ts'
import type { Task } from '../../live/run-operation.ts'
import type { ChildProcess } from '../../processes/child-process.ts'
import type { PeerDescription } from '../testnet-network.ts'
import type { TestnetOptions } from '../testnet-options.ts'

export interface NodeArmInit {
  arm: LiveArm
  /** It has no part in the comparison, but looks for what the arms have put */
  isReader?: boolean
  options: TestnetOptions
  /** A directory for files that are to survive a restart */
  directory: string
}

/**
 * The client of an arm that is a js-libp2p node
 */
export class NodeArm implements ArmClient {
  readonly #process: ChildProcess<ArmCommands>
  readonly #init: NodeArmInit

  /**
   * @param process - Runs `arm-process.ts`
   */
  constructor (process: ChildProcess<ArmCommands>, init: NodeArmInit) {
    this.#process = process
    this.#init = init
  }

  async start (peers: PeerDescription[]): Promise<string> {
    return this.#process.call('start', { ...this.#init, peers })
  }

  async perform (task: Task, targets: PeerDescription[]): Promise<Performance> {
    return this.#process.call('perform', { task, targets })
  }

  async scores (peers: string[]): Promise<Record<string, number>> {
    return this.#process.call('scores', peers)
  }

  async stop (): Promise<void> {
    await this.#process.call('stop', undefined)
    await this.#process.kill()
  }
}
