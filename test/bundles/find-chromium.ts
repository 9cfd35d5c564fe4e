import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { findProgram } from '../interop/find-program.ts'

/**
 * The path of an installed Chromium: that of the environment variable `CHROMIUM`, or
 * the first on the search path
 */
export async function findChromium (): Promise<string | undefined> {
  const { CHROMIUM } = process.env

  if (CHROMIUM === undefined) {
    return findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  }

  return access(CHROMIUM, constants.X_OK).then(() => CHROMIUM, () => undefined)
}
