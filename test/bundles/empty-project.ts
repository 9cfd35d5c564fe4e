import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/** The name under which the package is installed */
export const NAME = 'libp2p-scored-routing'

export interface EmptyProject {
  /** Where it is */
  directory: string
  remove (): Promise<void>
}

/**
 * A project of a user's, outside of this one: it has the packed package, what that
 * depends on, and packages of its own
 */
export async function emptyProject (usersPackages: string[]): Promise<EmptyProject> {
  const directory = await mkdtemp(join(tmpdir(), 'empty-project-'))
  const installed = join(directory, 'node_modules', NAME)

  await mkdir(installed, { recursive: true })
  await promisify(execFile)('tar', ['-xzf', inject('packed').archive, '-C', installed, '--strip-components=1'])

  // instead of a download: what npm would have installed, and nothing else
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'))

  for (const name of new Set([...usersPackages, ...Object.keys(dependencies)])) {
    const link = join(directory, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(resolve('node_modules', name), link)
  }

  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }')

  return {
    directory,
    remove: async () => { await rm(directory, { recursive: true, force: true }) }
  }
}
