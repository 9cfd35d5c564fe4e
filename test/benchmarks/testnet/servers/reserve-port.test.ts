import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { reservePort } from '../../../../benchmarks/testnet/servers/reserve-port.ts'

const MODULE = new URL('../../../../benchmarks/testnet/servers/reserve-port.ts', import.meta.url).href

test('gives ports that are free, each once, when asked for many at once', async () => {
  const ports = await Promise.all(Array.from({ length: 700 }, reservePort))
  const server = createServer().listen(ports[699], '127.0.0.1')
  onTestFinished(() => { server.close() })

  expect(new Set(ports).size).toBe(700)
  await expect.poll(() => server.listening).toBe(true)
})

test('passes over a port that somebody has', async () => {
  const next = await reservePort() + 1
  const server = createServer().listen(next, '127.0.0.1')
  onTestFinished(() => { server.close() })
  await expect.poll(() => server.listening).toBe(true)

  expect(await reservePort()).toBeGreaterThan(next)
})

test('gives two processes different ports, though none of them is open, and keeps neither from ending', async () => {
  const reserve = async (): Promise<number[]> => JSON.parse((await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    // the same place to begin the search, and both at work at the same time
    `Object.defineProperty(process, 'pid', { value: 7 })
    const { reservePort } = await import(${JSON.stringify(MODULE)})
    const ports = [await reservePort(), await reservePort()]
    setTimeout(() => { console.log(JSON.stringify(ports)) }, 1500)`
  ])).stdout)
  const ports = (await Promise.all([reserve(), reserve()])).flat()

  expect(new Set(ports).size).toBe(4)
})
