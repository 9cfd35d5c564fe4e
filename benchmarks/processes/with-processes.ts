import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { raceSignal } from 'race-signal'
import { ChildProcess } from './child-process.ts'
import type { Commands } from './serve-commands.ts'

/**
 * The parts of the operating system that work may use
 */
export interface Resources {
  /** A directory for files that are to survive a process */
  directory: string

  /**
   * @param module - The module that the process runs
   * @param name - For error messages
   */
  startProcess<C extends Commands> (module: URL, name: string): ChildProcess<C>
}

/**
 * Do work that needs processes and files. Whatever happens, none of these is left behind.
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
