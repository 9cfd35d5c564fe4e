import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { raceSignal } from 'race-signal'
import { ChildProcess } from './child-process.ts'
import { compareArms } from './compare-arms.ts'
import type { ArmCommands } from './arm-process.ts'
import type { NetworkCommands } from './network-process.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { ComparisonHooks } from '../arms/comparison.ts'

/**
 * Compare the arms on a network that is made for it: a process with all servers,
 * a process per arm, one operation at a time. Whatever happens, no process and no
 * file is left behind.
 *
 * @throws {Error} A process failed, or the signal was aborted
 */
export async function runTestnet (options: TestnetOptions, hooks: ComparisonHooks): Promise<void> {
  const children: Array<{ kill (): Promise<void> }> = []
  const directory = await mkdtemp(join(tmpdir(), `scored-routing-testnet-${process.pid}-`))

  const own = <Child extends { kill (): Promise<void> }> (create: () => Child): Child => {
    hooks.signal.throwIfAborted()

    const child = create()

    children.push(child)

    return child
  }

  try {
    await raceSignal(compareArms(options, hooks, {
      directory,
      startNetwork: () => own(() => new ChildProcess<NetworkCommands>(new URL('./network-process.ts', import.meta.url), 'network')),
      startArm: arm => own(() => new ChildProcess<ArmCommands>(new URL('./arm-process.ts', import.meta.url), arm))
    }), hooks.signal)
  } finally {
    await Promise.all(children.map(async child => child.kill()))
    await rm(directory, { recursive: true, force: true })
  }
}
