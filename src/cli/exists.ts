import { stat } from 'node:fs/promises'

/**
 * Whether there is anything at a path. True as well where that can't be told: whoever opens it gets the reason.
 */
export async function exists (path: string): Promise<boolean> {
  try {
    await stat(path)

    return true
  } catch (err) {
    return err.code !== 'ENOENT' && err.code !== 'ENOTDIR'
  }
}
