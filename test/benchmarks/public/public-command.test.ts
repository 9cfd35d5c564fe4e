import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localNetwork } from './local-network.ts'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'

const CLI = fileURLToPath(new URL('../../../benchmarks/cli.ts', import.meta.url))
const PROTOCOL = '/benchmark-command-test/kad/1.0.0'

let network: Awaited<ReturnType<typeof localNetwork>>
let directory: string

beforeAll(async () => {
  network = await localNetwork(4, PROTOCOL)
  directory = await mkdtemp(join(tmpdir(), 'public-command-'))
})

afterAll(async () => {
  await network.stop()
  await rm(directory, { recursive: true })
})

test('prints nothing but JSON on standard output with --json -, and writes the report', async () => {
  const report = join(directory, 'report.html')
  const { code, stdout, stderr } = await ended(start('--lookups', '2', '--seed', '9', '--json', '-', '--report', report))

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    benchmark: 'public',
    seed: 9,
    parameters: { protocol: PROTOCOL, lookups: 2 },
    results: [{ arm: 'kad-dht', samples: 2, failures: 0, recall: { mean: 1, min: 1 } }]
  })
  expect(stderr).toContain('public, closest-peers')
  expect(stderr).toContain('kad-dht')
  expect(await readFile(report, 'utf8')).toContain(`--protocol ${PROTOCOL} --arms kad-dht --lookups 2 --seed 9`)
})

test('prints what it has when it is interrupted, and exits with 130', async () => {
  const child = start('--lookups', '10000')

  child.stderr.on('data', chunk => {
    // a line with at least one operation done; a second signal would end the process at once
    if (!child.killed && / [1-9]\d*\/10000 /.test(String(chunk))) {
      child.kill('SIGINT')
    }
  })

  const { code, stdout } = await ended(child)

  expect(code).toBe(130)
  expect(stdout).toMatch(/kad-dht +\d+/)
  expect(stdout).toContain('did not reach its end')
})

test('fails with one line and exit code 1 when no bootstrap peer answers', async () => {
  const nobody = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
  const { code, stdout, stderr } = await ended(start('--bootstrap', nobody))

  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n').at(-1)).toContain(`tried ${nobody}`)
})

test('says what is wrong with a bootstrap address', async () => {
  const { code, stderr } = await ended(start('--bootstrap', '/ip4/127.0.0.1/tcp/1'))

  expect(code).toBe(2)
  expect(stderr).toContain('--bootstrap must be multiaddrs that end in /p2p/')
})

test('says what is wrong with a name server', async () => {
  const { code, stderr } = await ended(start('--dns', 'localhost'))

  expect(code).toBe(2)
  expect(stderr).toContain('--dns must be an IPv4 address and a port')
})

function start (...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [CLI, 'public', '--bootstrap', network.addresses.slice(0, 2).join(','), '--protocol', PROTOCOL, '--arms', 'kad-dht', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended (child: ChildProcessByStdio<null, Readable, Readable>): Promise<{ code: number | null, stdout: string, stderr: string }> {
  const closed = new Promise<number | null>(resolve => { child.on('close', resolve) })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])

  return { code, stdout, stderr }
}
