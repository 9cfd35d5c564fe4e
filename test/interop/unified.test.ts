import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findProgram } from './find-program.ts'
import { Coordination } from './unified/coordination.ts'
import type { Environment, Role } from './unified/environment.ts'
import type { ChildProcess } from 'node:child_process'
import type { AddressInfo } from 'node:net'

const MAIN = fileURLToPath(new URL('./unified/main.ts', import.meta.url))

const NO_REDIS = 'The roles of the unified interop are not tried: there is no redis-server on the search path'

const TEST: Pick<Environment, 'testKey'> = { testKey: '1b2c3d4e' }

const redisServer = await findProgram('redis-server')

if (redisServer === undefined) {
  console.warn(NO_REDIS)
}

/** How a process ended, and the lines that it wrote on its standard output */
interface Ending {
  code: number | null
  lines: string[]
}

describe.skipIf(redisServer === undefined)('the roles of the unified interop', () => {
  test('find what one of them has stored', async () => {
    const redisAddress = await startRedis()
    const bootstrap = start('bootstrap', redisAddress)
    const provider = start('provider', redisAddress)

    expect(await ending(start('querier', redisAddress))).toEqual({ code: 0, lines: ['status: pass'] })
    // the framework ends the test when one of them ends by itself
    expect([bootstrap.exitCode, provider.exitCode]).toEqual([null, null])
  })

  test('tell that a test fails, and why, when nobody has stored anything', async () => {
    const redisAddress = await startRedis()
    start('bootstrap', redisAddress)
    const liar = await Coordination.connect({ ...TEST, role: 'provider', redisAddress })
    await liar.tell('provider_done', 'done')
    await liar.close()

    expect(await ending(start('querier', redisAddress))).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^error: a provider was not found in 5 attempts/), 'status: fail']
    })
  })

  test.each([
    ['without a role', { ROLE: undefined }, /^error: ROLE is missing, not one of bootstrap, provider, querier/],
    ['in a role of another framework', { ROLE: 'dialer' }, /^error: ROLE is dialer/],
    ['without the key of the test', { TEST_KEY: '' }, /^error: TEST_KEY is missing/],
    ['without Redis', {}, /^error: .*ECONNREFUSED 127\.0\.0\.1:\d/]
  ])('fail %s', async (_, environment, reason) => {
    expect(await ending(start('querier', `127.0.0.1:${await freePort()}`, environment))).toEqual({
      code: 1,
      lines: [expect.stringMatching(reason), 'status: fail']
    })
  })
})

/** Start a Redis that keeps nothing, until the test is over */
async function startRedis (): Promise<string> {
  const port = await freePort()
  const redis = spawn(redisServer ?? '', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'])
  endWithTest(redis)

  for await (const line of createInterface(redis.stdout)) {
    if (line.includes('Ready to accept connections')) {
      redis.stdout.resume()

      return `127.0.0.1:${port}`
    }
  }

  throw new Error('Redis did not start')
}

/** Redis can't choose its port itself */
async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')

  return port
}

/** Start a role with the environment that the framework gives it, until the test is over */
function start (role: Role, redisAddress: string, environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { ROLE: role, REDIS_ADDR: redisAddress, TEST_KEY: TEST.testKey, ...environment },
    stdio: ['ignore', 'pipe', 'ignore']
  })
  endWithTest(child)

  return child
}

function endWithTest (child: ChildProcess): void {
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
}

async function ending (child: ChildProcess): Promise<Ending> {
  const lines: string[] = []
  createInterface(child.stdout ?? process.stdin).on('line', line => { lines.push(line) })
  const [code] = await once(child, 'close')

  return { code, lines }
}
