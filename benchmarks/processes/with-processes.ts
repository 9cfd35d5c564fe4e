import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { raceSignal } from 'race-signal'
import { ChildProcess } from './child-process.ts'
import type { Commands } from './serve-commands.ts'

/**
 * What work needs from the operating system
 */
export interface Resources {
  /** For what is to survive a process */
  directory: string

  /**
   * @param module - What the process runs
   * @param name - For error messages
   */
  startProcess<C extends Commands> (module: URL, name: string): ChildProcess<C>
}

/**
 * Do work that takes processes and files. Whatever happens, none is left behind.
 *
 * @throws {Error} The work failed, or the signal was aborted
 */
export async function withProcesses (signal: AbortSignal, work: (resources: Resources) => Promise<void>): Promise<void> {
  const children: Array<{ kill (): Promise<void> }> = []
  const directory = await mkdtemp(join(tmpdir(), `scored-routing-benchmark-${process.pid}-`))

  const startProcess = <C extends Commands> (module: URL, name: string): ChildProcess<C> => {
    signal.throwIfAborted()

    const child = new ChildProcess<C>(module, name)

    children.push(child)

    return child
  }

  try {
    await raceSignal(work({ directory, startProcess }), signal)
  } finally {
    await Promise.all(children.map(async child => child.kill()))
    await rm(directory, { recursive: true, force: true })
  }
}
