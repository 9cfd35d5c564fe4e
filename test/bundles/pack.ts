import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

/** What `npm pack` made */
export interface Packed {
  /** The path of the archive */
  archive: string
  /** The paths of the files in it */
  files: string[]
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed
  }
}

/**
 * Pack the package once for all tests that install it
 */
export default async function pack (project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'packed-'))
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', directory])
  const [{ filename, files }]: Array<{ filename: string, files: Array<{ path: string }> }> = JSON.parse(stdout.slice(stdout.indexOf('[\n')))

  project.provide('packed', { archive: join(directory, filename), files: files.map(({ path }) => path) })

  return async () => { await rm(directory, { recursive: true, force: true }) }
}
