import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { spawnProgram } from '../../../benchmarks/processes/spawn-program.ts'
import type { ChildProcess } from '../../../benchmarks/processes/child-process.ts'

const PROGRAM = fileURLToPath(new URL('./echo-program.ts', import.meta.url))

function start (path = process.execPath): ChildProcess<Record<string, (argument: unknown) => unknown>> {
  const program = spawnProgram<Record<string, (argument: unknown) => unknown>>(path, 'echo', [PROGRAM])

  onTestFinished(async () => { await program.kill() })

  return program
}

test('has a program carry commands out', async () => {
  const program = start()

  expect(await Promise.all([program.call('echo', { text: 'a\nb' }), program.call('echo', [1, 2])])).toEqual([{ text: 'a\nb' }, [1, 2]])
})

test.each([Uint8Array.of(1, 2, 250), Buffer.from([1, 2, 250])])('sends bytes as base64: %o', async bytes => {
  expect(await start().call('echo', { key: bytes, list: [bytes] })).toEqual({ key: 'AQL6', list: ['AQL6'] })
})

test('says which program failed, and why', async () => {
  await expect(start().call('fail', undefined)).rejects.toThrow('echo: told to fail')
})

test('says what a program wrote before it ended unexpectedly', async () => {
  await expect(start().call('end', undefined)).rejects.toThrow('the echo process ended unexpectedly (exit code 3): told to end')
})

test('says that a program is not there', async () => {
  await expect(start('/nowhere/echo').call('echo', 1)).rejects.toThrow('/nowhere/echo')
})
