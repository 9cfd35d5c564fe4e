import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withProcesses } from '../../../benchmarks/processes/with-processes.ts'
import { isRunning } from './is-running.ts'
import type { Resources } from '../../../benchmarks/processes/with-processes.ts'
import type { HelperCommands } from './helper-process.ts'

const HELPER = new URL('./helper-process.ts', import.meta.url)

interface Left {
  directory: string
  pids: number[]
}

/** Two processes and a file, of which something could be left */
async function useThem ({ directory, startProcess }: Resources): Promise<Left> {
  const children = ['one', 'other'].map(name => startProcess<HelperCommands>(HELPER, name))

  await writeFile(join(directory, 'file'), 'content')

  return { directory, pids: await Promise.all(children.map(async child => child.call('pid', null))) }
}

function expectNothing ({ directory, pids }: Left): void {
  expect(existsSync(directory)).toBe(false)
  expect(pids.filter(isRunning)).toEqual([])
}

test('gives work its processes and a directory, and leaves nothing behind', async () => {
  const left: Left[] = []

  await withProcesses(new AbortController().signal, async resources => {
    left.push(await useThem(resources))

    expect(existsSync(join(left[0].directory, 'file'))).toBe(true)
    expect(left[0].pids.filter(isRunning)).toEqual(left[0].pids)
    expect(new Set(left[0].pids).size).toBe(2)
  })

  expectNothing(left[0])
})

test('leaves nothing behind of work that fails', async () => {
  const left: Left[] = []

  await expect(withProcesses(new AbortController().signal, async resources => {
    left.push(await useThem(resources))
    throw new Error('it cannot be done')
  })).rejects.toThrow('it cannot be done')

  expectNothing(left[0])
})

test('waits no longer for work that is aborted, leaves nothing behind of it and lets it start no more', async () => {
  const left: Left[] = []
  const later = Promise.withResolvers<void>()
  const controller = new AbortController()
  const started = Promise.withResolvers<Resources>()
  const working = withProcesses(controller.signal, async resources => {
    left.push(await useThem(resources))
    started.resolve(resources)
    await later.promise
  })
  const { startProcess } = await started.promise

  controller.abort()

  await expect(working).rejects.toThrow(/abort/i)
  expectNothing(left[0])
  expect(() => startProcess(HELPER, 'latecomer')).toThrow(/abort/i)

  later.resolve()
})
