import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { raceSignal } from 'race-signal'
import { forkModule } from './fork-module.ts'
import { spawnProgram } from './spawn-program.ts'
import type { ChildProcess } from './child-process.ts'
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

  /**
   * @param path - A program of another implementation
   * @param name - For error messages
   */
  startProgram<C extends Commands> (path: string, name: string): ChildProcess<C>
}

/**
 * Do work that needs processes and files. Whatever happens, none of these is left behind.
 *
 * @throws {Error} The work failed, or the signal was aborted
 */
export async function withProcesses (signal: AbortSignal, work: (resources: Resources) => Promise<void>): Promise<void> {
  const children: Array<{ kill (): Promise<void> }> = []
  const directory = await mkdtemp(join(tmpdir(), `scored-routing-benchmark-${process.pid}-`))

  const kept = <C extends Commands> (start: () => ChildProcess<C>): ChildProcess<C> => {
    signal.throwIfAborted()

    const child = start()

    children.push(child)

    return child
  }

  try {
    await raceSignal(work({
      directory,
      startProcess: <C extends Commands> (module: URL, name: string) => kept(() => forkModule<C>(module, name)),
      startProgram: <C extends Commands> (path: string, name: string) => kept(() => spawnProgram<C>(path, name))
    }), signal)
  } finally {
    await Promise.all(children.map(async child => child.kill()))
    await rm(directory, { recursive: true, force: true })
  }
}
