import { afterEach, expect, test, vi } from 'vitest'
import { forkModule } from '../../../benchmarks/processes/fork-module.ts'
import { isRunning } from './is-running.ts'
import type { HelperCommands } from './helper-process.ts'
import type { ChildProcess } from '../../../benchmarks/processes/child-process.ts'

const HELPER = new URL('./helper-process.ts', import.meta.url)

const children: Array<ChildProcess<HelperCommands>> = []

function start (module = HELPER): ChildProcess<HelperCommands> {
  const child = forkModule<HelperCommands>(module, 'helper')

  children.push(child)

  return child
}

afterEach(async () => {
  await Promise.all(children.splice(0).map(async child => child.kill()))
})

test('has another process carry commands out', async () => {
  const child = start()

  expect(await child.call('pid', null)).not.toBe(process.pid)
  expect(await child.call('pid', null)).toBe(await child.call('pid', null))
})

test.each([undefined, 'text', { bytes: Uint8Array.of(1, 2, 3) }, new Map([[1, Infinity]])])('brings an argument there and a result back: %o', async value => {
  expect(await start().call('echo', value)).toEqual(value)
})

test('knows the answers of several commands apart, in whatever order they come', async () => {
  const child = start()
  const order: string[] = []
  const first = child.call('afterTheNext', 'first').then(value => order.push(value as string))
  const second = child.call('echo', 'second').then(value => order.push(value as string))

  await Promise.all([first, second])

  expect(order).toEqual(['second', 'first'])
})

test('tells which process failed, why and where', async () => {
  const child = start()

  await expect(child.call('fail', new RangeError('too much'))).rejects.toThrow(/^helper: RangeError: too much\n {4}at .*child-process\.test\.ts/)
  await expect(child.call('fail', 'no error at all')).rejects.toThrow(/^helper: no error at all$/)
  await expect(child.call('unheardOf' as 'pid', null)).rejects.toThrow('is not a function')
  expect(await child.call('echo', 'still there')).toBe('still there')
})

test('fails every command that is not answered when the process dies, with its last words', async () => {
  const child = start()
  const pending = [child.call('never', null), child.call('exit', { code: 3, lastWords: 'out of memory\n' })]

  for (const result of await Promise.allSettled(pending)) {
    expect(result).toMatchObject({ status: 'rejected', reason: new Error('the helper process ended unexpectedly (exit code 3): out of memory') })
  }
})

test('keeps only the last of the last words', async () => {
  await expect(start().call('exit', { code: 1, lastWords: `first${'.'.repeat(10_000)}last` })).rejects.toThrow(/^the helper process ended unexpectedly \(exit code 1\): \.{3996}last$/)
})

test('fails every command to a process that is gone', async () => {
  const child = start()
  const pid = await child.call('pid', null)

  // sent before the process is gone: afterwards there may be nobody to write to
  const pending = expect(child.call('never', null)).rejects.toThrow('the helper process ended unexpectedly (SIGKILL)')

  process.kill(pid, 'SIGKILL')

  await pending
  await expect(child.call('echo', 'anybody?')).rejects.toThrow(/^helper: .*closed/)
})

test('says what is wrong with a module that cannot be run', async () => {
  await expect(start(new URL('./nowhere.ts', import.meta.url)).call('pid', null)).rejects.toThrow(/^the helper process ended unexpectedly \(exit code 1\): [^]*Cannot find module/)
})

test('ends a process at once, whatever it does, and is then done with it', async () => {
  const child = start()
  const pid = await child.call('pid', null)
  const pending = expect(child.call('never', null)).rejects.toThrow('SIGKILL')

  await child.kill()

  expect(isRunning(pid)).toBe(false)
  await pending
  await child.kill()
})

test('waits for a process that ends by itself, but not for ever', async () => {
  const child = start()

  expect(await child.ends(1)).toBe(false)

  child.call('exit', { code: 0, lastWords: '' }).catch(() => {})

  expect(await child.ends(60_000)).toBe(true)
  expect(await child.ends(1)).toBe(true)
})

test('leaves it to the parent how Ctrl-C ends a process', async () => {
  const child = start()

  process.kill(await child.call('pid', null), 'SIGINT')

  expect(await child.call('echo', 'still there')).toBe('still there')
})

test('ends with its parent', async () => {
  const child = start()
  const grandchild = await child.call('startAnother', null)

  expect(isRunning(grandchild)).toBe(true)

  await child.kill()

  await vi.waitFor(() => { expect(isRunning(grandchild)).toBe(false) }, 10_000)
})
