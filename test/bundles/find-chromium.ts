import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The path of an installed Chromium: that of the environment variable `CHROMIUM`, or
 * the first on the search path
 */
export async function findChromium (): Promise<string | undefined> {
  const { CHROMIUM, PATH = '' } = process.env
  const paths = CHROMIUM === undefined ? PATH.split(delimiter).flatMap(directory => NAMES.map(name => join(directory, name))) : [CHROMIUM]

  for (const path of paths) {
    if (await access(path, constants.X_OK).then(() => true, () => false)) {
      return path
    }
  }

  return undefined
}
