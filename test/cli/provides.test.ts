import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PublishedKeys } from '../../src/persistence/published-keys.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { runCommand } from './run-command.ts'
import type { NewKey, PublishedKey } from '../../src/persistence/published/published-key.ts'

const [OLDER, NEWER] = [Date.UTC(2025, 0, 2), Date.UTC(2025, 0, 3)]

function keyOf (byte: number): NewKey {
  return { kind: 'provider', kadId: new Uint8Array(32).fill(byte), key: Uint8Array.of(0x12, 1, byte) }
}

async function database (...bytes: number[]): Promise<{ location: string, keys: PublishedKeys }> {
  const location = join(await temporaryDirectory(), 'published')
  const keys = new PublishedKeys({ location, timeOfDay: () => OLDER })
  await keys.open()
  await keys.add(bytes.map(keyOf))

  return { location, keys }
}

test('provides --status tells of keys, the queue and the regions that were sent', async () => {
  const { location, keys } = await database(1, 2, 3)
  const sent: PublishedKey[] = [{ ...keyOf(1), addedAt: OLDER }]
  await keys.stored(sent)
  await keys.regionSent({ bits: Uint8Array.of(0), length: 2 }, NEWER)
  await keys.regionSent({ bits: Uint8Array.of(0x40), length: 2 }, OLDER)
  await keys.close()

  expect(await runCommand(['provides', '--location', location, '--status'])).toEqual({
    code: 0,
    stdout: `${location}: 3 keys, 2 queued, 2 regions sent, the oldest at 2025-01-02T00:00:00.000Z\n`,
    stderr: ''
  })

  const { stdout } = await runCommand(['provides', '--location', location, '--status', '--json'])
  expect(JSON.parse(stdout)).toEqual({ location, keys: 3, queued: 2, regions: 2, oldestSentAt: OLDER })
})

test('provides --status of a database from which nothing was sent', async () => {
  const { location, keys } = await database(1)
  await keys.close()

  expect((await runCommand(['provides', '--location', location, '--status'])).stdout).toBe(`${location}: 1 key, 1 queued, 0 regions sent\n`)
  expect(JSON.parse((await runCommand(['provides', '--location', location, '--status', '--json'])).stdout)).toMatchObject({ oldestSentAt: null })
})

test('provides makes no database where there is none', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'empty'))

  for (const name of ['empty', 'missing']) {
    const location = join(directory, name)

    expect(await runCommand(['provides', '--location', location, '--status'])).toEqual({ code: 1, stdout: '', stderr: `there is no database of published keys at ${location}\n` })
  }

  expect(await readdir(directory)).toEqual(['empty'])
  expect(await readdir(join(directory, 'empty'))).toEqual([])
})

test('provides says in one line that a running node has the database', async () => {
  const { location, keys } = await database(1)
  const { code, stdout, stderr } = await runCommand(['provides', '--location', location, '--status'])
  await keys.close()

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(new RegExp(`^database of published keys at ${location} is in use by another process[^\\n]*\\n$`))
})

test.each([
  [['--location', 'x'], 'provides needs --status'],
  [['--status'], 'provides needs --location'],
  [['--status', '--location', 'x', 'y'], 'provides takes only options, and there is "y" as well']
])('provides refuses %j with one line', async (args, reason) => {
  const { code, stderr } = await runCommand(['provides', ...args])

  expect(code).toBe(2)
  expect(stderr).toMatch(/^[^\n]+\(see libp2p-scored-routing --help\)\n$/)
  expect(stderr).toContain(reason)
})
