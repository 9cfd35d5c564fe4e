import { withProcesses } from '../processes/with-processes.ts'
import { compareArms } from './compare-arms.ts'
import type { ArmCommands } from './arms/arm-process.ts'
import type { NetworkCommands } from './network-process.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { ComparisonHooks } from '../live/comparison.ts'

/**
 * Compare the arms on a network that is made for this run. One process runs all servers,
 * and each arm has a process of its own. One operation runs at a time. Whatever happens,
 * no process and no file is left behind.
 *
 * @throws {Error} A process failed, or the signal was aborted
 */
export async function runTestnet (options: TestnetOptions, hooks: ComparisonHooks): Promise<void> {
  await withProcesses(hooks.signal, async ({ directory, startProcess }) => compareArms(options, hooks, {
    directory,
    startNetwork: () => startProcess<NetworkCommands>(new URL('./network-process.ts', import.meta.url), 'network'),
    startArm: arm => startProcess<ArmCommands>(new URL('./arms/arm-process.ts', import.meta.url), arm)
  }))
}
