import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../benchmarks/cli.ts', import.meta.url))

test('explains every option with its default, within 120 columns', async () => {
  const { code, stdout, stderr } = await run('--help')
  const lines = stdout.split('\n')

  expect(code).toBe(0)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/--scenario NAME\|N +storm +share of dead peers/)
  expect(stdout).toMatch(/--lookups N +\d+ \[\d+\] +/)

  for (const option of ['--operations', '--arms', '--mode', '--seed', '--timeout-ms', '--quick', '--json', '--report', '--help']) {
    expect(stdout).toContain(`\n  ${option}`)
  }

  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(120)
})

test.each([
  [['--lokups', '3'], 'unknown option \'--lokups\' (Did you mean --lookups?)'],
  [['testnet', '--lookups', 'many'], '--lookups must be a whole number from 1 to 100000, got "many"'],
  [['tesnet'], 'there is no benchmark "tesnet"'],
  [['--report', '/no/such/folder/report.html'], '--report: can\'t write /no/such/folder/report.html: ENOENT']
])('answers %j with one line and exit code 2', async (args, message) => {
  const { code, stdout, stderr } = await run(...args)

  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('--help')
})

async function run (...args: string[]): Promise<{ code: number, stdout: string, stderr: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [CLI, ...args], (err, stdout, stderr) => {
      resolve({ code: err == null ? 0 : Number(err.code), stdout, stderr })
    })
  })
}
