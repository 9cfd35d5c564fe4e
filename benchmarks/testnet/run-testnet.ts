import { join } from 'node:path'
import { requireProgram } from '../foreign/built-program.ts'
import { withProcesses } from '../processes/with-processes.ts'
import { GoArm } from './arms/go-arm.ts'
import { NodeArm } from './arms/node-arm.ts'
import { isGoArm } from './arms/testnet-arms.ts'
import { compareArms } from './compare-arms.ts'
import type { ArmClient } from './arms/arm-client.ts'
import type { ArmCommands } from './arms/arm-process.ts'
import type { TestnetArm } from './arms/testnet-arms.ts'
import type { NetworkCommands } from './network-process.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { PeerProgramCommands } from '../foreign/peer-program.ts'
import type { ComparisonHooks } from '../live/comparison.ts'

/** A record that the reader does not find within this time counts as not found, ms */
const READ_LIMIT_MS = 20_000

/**
 * Compare the arms on a network that is made for this run. One process runs all servers,
 * and each arm has a process of its own. One operation runs at a time. Whatever happens,
 * no process and no file is left behind.
 *
 * @throws {Error} A program that it needs is not built, a process failed, or the signal was aborted
 */
export async function runTestnet (options: TestnetOptions, hooks: ComparisonHooks): Promise<void> {
  if (options.peers === 'go' || options.arms.some(isGoArm)) {
    requireProgram('go-peers')
  }

  await withProcesses(hooks.signal, async ({ directory, startProcess, startProgram }) => {
    const startArm = (arm: TestnetArm): ArmClient => isGoArm(arm)
      ? new GoArm(startProgram<PeerProgramCommands>(requireProgram('go-peers'), arm), arm, options)
      : new NodeArm(startProcess<ArmCommands>(new URL('./arms/arm-process.ts', import.meta.url), arm), { arm, options, directory: join(directory, arm) })

    const startReader = (): ArmClient => new NodeArm(startProcess<ArmCommands>(new URL('./arms/arm-process.ts', import.meta.url), 'reader'), {
      arm: 'kad-dht',
      isReader: true,
      options: { ...options, timeoutMs: READ_LIMIT_MS, trace: false },
      directory: join(directory, 'reader')
    })

    await compareArms(options, hooks, {
      startNetwork: () => startProcess<NetworkCommands>(new URL('./network-process.ts', import.meta.url), 'network'),
      startArm,
      startReader
    })
  })
}
