import { expect, test } from 'vitest'
import { parseOptions } from '../../../../benchmarks/command-line/parse-options.ts'
import { testnetScene } from '../../../../benchmarks/simulator/scenes/testnet-scene.ts'
import { linkRtt } from '../../../../benchmarks/testnet/links/link-rtt.ts'
import { TESTNET_OPTIONS } from '../../../../benchmarks/testnet/testnet-options.ts'
import { testnetPeer } from '../../../../benchmarks/testnet/testnet-peer.ts'
import type { TestnetOptions } from '../../../../benchmarks/testnet/testnet-options.ts'

const CLIENT = { region: 0, lastMileMs: 0 }

function optionsOf (...args: string[]): TestnetOptions {
  return parseOptions<TestnetOptions>(TESTNET_OPTIONS, ['--nodes', '40', '--seed', '7', ...args]).options
}

test('has the peers of the testnet with their links', async () => {
  const options = optionsOf('--scenario', 'storm')
  const { world } = await testnetScene(options)
  const first = await testnetPeer(7, 0)
  const [node] = world.population.closest(first.kadId, 1)

  expect(world.population.size).toBe(80)
  expect(world.population.kadId(node)).toEqual(first.kadId)
  expect(world.network.rttMs(CLIENT, node)).toBe(linkRtt(first.id.toString(), options))
  expect(Array.from({ length: 80 }, (_, node) => node).filter(node => world.sessions.isOnline(node, 0))).toHaveLength(40)
})

test('names those of its routing table that are closest, dead ones too', async () => {
  const { world, tables } = await testnetScene(optionsOf('--scenario', 'storm'))
  const target = new Uint8Array(32)
  const named = tables.named(0, target, 20)
  const table = new Set(tables.entriesOf(0).map(({ peer }) => peer))

  expect(named).toEqual(world.population.closest(target, 20, node => table.has(node)))
  expect(named.some(node => !world.sessions.isOnline(node, 0))).toBe(true)
})

test.each([
  ['silent', { firstSignMs: Infinity, refusedMs: Infinity }],
  ['stalls', { connectedMs: Infinity, refusedMs: Infinity }],
  ['refuses', { connectedMs: Infinity }]
])('has peers fail as %s ones do', async (mode, course) => {
  const { world } = await testnetScene(optionsOf('--mode', mode))
  const dead = Array.from({ length: world.population.size }, (_, node) => node).filter(node => !world.sessions.isOnline(node, 0))

  expect(dead.length).toBe(Math.round(40 * 0.3 / 0.7))
  expect(world.network.request(CLIENT, dead[0], { connected: false, dialTrips: 4 }, 0)).toMatchObject({ answeredMs: Infinity, ...course })
})

test('lets liars name one another only', async () => {
  const { world, tables } = await testnetScene(optionsOf('--mode', 'lies'))
  const liars = Array.from({ length: world.population.size }, (_, node) => node).filter(node => world.population.habit(node) === 'lies')

  expect(liars).toHaveLength(8)
  expect(tables.named(liars[0], new Uint8Array(32), 20).every(node => liars.includes(node))).toBe(true)
})
