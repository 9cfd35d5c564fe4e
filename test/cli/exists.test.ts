import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exists } from '../../src/cli/exists.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'

test('files and directories exist, and nothing exists within a file', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'file')
  await writeFile(file, '')

  expect(await exists(directory)).toBe(true)
  expect(await exists(file)).toBe(true)
  expect(await exists(join(directory, 'missing'))).toBe(false)
  expect(await exists(join(file, 'missing'))).toBe(false)
})

test('what can not be told counts as there', async () => {
  expect(await exists('x'.repeat(10_000))).toBe(true)
})
