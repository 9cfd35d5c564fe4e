import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { silentPort } from './silent-port.ts'

/** Node needs a moment to end by itself */
const EXIT_MS = 2_000

describe('a process whose nodes', () => {
  test.concurrent.each([
    'start, use and stop three times',
    'stop at once',
    'stop during lookups',
    'stop during lookups that passed their soft deadlines',
    'stop during the warm start',
    'stop during introductions'
  ])('%s ends by itself, without a warning', async task => {
    const { address } = await silentPort()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'stopping-process.ts'), task, address.toString()])
    const errors: string[] = []
    child.stderr.on('data', data => { errors.push(String(data)) })
    const exit = once(child, 'exit')
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exit])
    expect(errors.join('')).toBe('')
    expect(line).toBe('stopped')

    const timer = setTimeout(() => { child.kill() }, EXIT_MS)
    const [code] = await exit
    clearTimeout(timer)

    expect(code).toBe(0)
    expect(errors.join('')).toBe('')
  })
})
