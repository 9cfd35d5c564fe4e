import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/**
 * The path of an installed program: the first on the search path that has one of these names
 */
export async function findProgram (...names: string[]): Promise<string | undefined> {
  const directories = (process.env.PATH ?? '').split(delimiter)

  for (const path of directories.flatMap(directory => names.map(name => join(directory, name)))) {
    if (await access(path, constants.X_OK).then(() => true, () => false)) {
      return path
    }
  }

  return undefined
}
