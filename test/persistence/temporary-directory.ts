import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * An empty directory that is removed when the test that asked for it is over
 */
export async function temporaryDirectory (): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'scored-routing-'))
  onTestFinished(async () => { await rm(directory, { recursive: true, force: true }) })

  return directory
}
