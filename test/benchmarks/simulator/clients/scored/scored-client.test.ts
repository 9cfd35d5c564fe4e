import { expect, test } from 'vitest'
import { KeptPeers } from '../../../../../benchmarks/simulator/clients/kept-peers.ts'
import { ScoredClient } from '../../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { rememberedPeers } from '../../../../../benchmarks/simulator/measures/remembered-peers.ts'
import { RTT_MS, SmallNetwork } from '../small-network.ts'
import type { ScoredClientInit } from '../../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import type { SmallNetworkInit } from '../small-network.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)
const FAR = 63

/** Knows one peer far away from the target, who knows everybody */
function given (init: ScoredClientInit = {}, networkInit: SmallNetworkInit = {}): { network: SmallNetwork, client: ScoredClient, closest: number[] } {
  const network = new SmallNetwork({ bootstrap: [FAR], ...networkInit })
  const client = new ScoredClient(network.components, { epsilon: 0, ...init })

  return { network, client, closest: network.closest(TARGET, network.components.k) }
}

function closestPeers ({ network, client }: Pick<ReturnType<typeof given>, 'network' | 'client'>): { closest: number[], timeMs: number, asked: number[] } {
  const { result, timeMs, asked } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

  return { closest: result.closest, timeMs, asked }
}

test('finds the closest peers by what the first one names', () => {
  const setup = given()
  const { closest, asked } = closestPeers(setup)

  expect(closest).toEqual(setup.closest)
  expect(asked[0]).toBe(FAR)
})

test('reads no more than twice k of the peers that one answer names, as a live node does', () => {
  const setup = given()
  const everybody = Array.from({ length: 64 }, (_, node) => node)
  const client = new ScoredClient({ ...setup.network.components, tables: { named: node => node === FAR ? everybody : [] } }, { epsilon: 0 })

  closestPeers({ network: setup.network, client })

  const remembered = new Set(rememberedPeers(client))

  expect(remembered.has(2 * setup.network.components.k - 1)).toBe(true)
  expect([...remembered].filter(peer => peer !== FAR).every(peer => peer < 2 * setup.network.components.k)).toBe(true)
})

test('asks the right ones at once when it looks again', () => {
  const setup = given()
  const first = closestPeers(setup)
  setup.network.pass(10_000)
  const second = closestPeers(setup)

  expect(second.closest).toEqual(setup.closest)
  expect(second.timeMs).toBeLessThan(first.timeMs / 3)
})

test('does not wait for a silent peer that it knows, and takes the next closest', () => {
  const setup = given()
  const [dead] = setup.closest
  setup.network.leave('silent', dead)
  const first = closestPeers(setup)
  setup.network.pass(10_000)
  const second = closestPeers(setup)

  expect(setup.client.table.scores.classOf(dead, setup.network.clock.now)).toBe('unacceptable')
  expect(second.closest).toEqual(setup.network.closest(TARGET, setup.network.components.k + 1).slice(1))
  expect(second.timeMs).toBeLessThan(first.timeMs)
})

test('counts one outcome for a late answer', () => {
  const setup = given()
  const [slow] = setup.closest
  setup.network.habits.set(slow, 'slow')

  expect(closestPeers(setup).closest).toEqual(setup.closest)
  expect(setup.client.table.scores.get(slow)).toMatchObject({ lastOutcome: 'responded', weight: 2 })
})

test('starts again from its scores after a restart', () => {
  const setup = given()
  closestPeers(setup)
  setup.client.stop()
  setup.network.components.connections.closeAll()

  const restarted = new ScoredClient(setup.network.components, { epsilon: 0, kept: new KeptPeers(setup.client.table, peer => setup.network.components.world.population.kadId(peer)) })
  const { closest, asked } = closestPeers({ network: setup.network, client: restarted })

  expect(closest).toEqual(setup.closest)
  expect(asked).not.toContain(FAR)
})

test('ends a search with the first holder', () => {
  const { network, client, closest } = given()
  const holder = closest[3]
  const { result } = network.run<boolean>(client, (client, done) => client.findHolder(TARGET, node => node === holder, done))

  expect(result).toBe(true)
  expect(network.run<boolean>(client, (client, done) => client.findHolder(TARGET, () => false, done)).result).toBe(false)
})

/** Knows the closest peers, and is connected to some of them */
function givenConnected (count: number): ReturnType<typeof given> & { connected: number[] } {
  const setup = given()
  const connected = setup.closest.slice(-count)

  closestPeers(setup)
  setup.network.components.connections.closeAll()
  setup.network.connect(...connected)

  return { ...setup, connected }
}

test('dials nobody for a holder while four connected peers may be it', () => {
  const { network, client, closest, connected } = givenConnected(4)
  const find = (holder: number): { result: boolean, asked: number[] } => network.run<boolean>(client, (client, done) => client.findHolder(TARGET, node => node === holder, done))

  expect(find(connected[0]).asked.toSorted((a, b) => a - b)).toEqual(connected.toSorted((a, b) => a - b))

  // none of them is: the others are dialled, but only then
  const startedAtMs = network.clock.now
  network.asked.length = 0

  expect(find(closest[0]).result).toBe(true)
  expect(new Set(network.asked.slice(0, 4))).toEqual(new Set(connected.map(node => ({ node, atMs: startedAtMs }))))
  expect(new Set(network.asked.slice(4).map(({ atMs }) => atMs))).toEqual(new Set([startedAtMs + RTT_MS]))
})

test('asks a connected peer far away for a hint, beside those that it dials for a holder', () => {
  const { network, client, closest } = givenConnected(1)
  network.connect(FAR)
  network.asked.length = 0
  const startedAtMs = network.clock.now
  network.run<boolean>(client, (client, done) => client.findHolder(TARGET, node => node === closest[0], done))

  expect(network.asked).toEqual(expect.arrayContaining([...closest, FAR].map(node => ({ node, atMs: startedAtMs }))))
})

test('dials at once for the closest peers, whoever is connected', () => {
  const setup = givenConnected(1)
  const startedAtMs = setup.network.clock.now

  expect(closestPeers(setup).closest).toEqual(setup.closest)
  expect(setup.network.asked.filter(({ atMs }) => atMs === startedAtMs).map(({ node }) => node)).toEqual(expect.arrayContaining(setup.closest))
})

test.each([
  { reach: 'relayed', isFound: true },
  // its link is known by its first sign of life: who takes so much longer is not waited for
  { reach: 'public', isFound: false }
] as const)('finds a $reach peer that shows life at once and is connected after four seconds: $isFound', ({ reach, isFound }) => {
  const setup = given()
  const { network, closest } = setup
  const late = closest[2]
  network.reaches.set(late, reach)
  network.dialsMs.set(late, 4_000)

  expect(closestPeers(setup).closest).toEqual(network.closest(TARGET).filter(node => node !== late || isFound).slice(0, closest.length))
})

test.each([true, false])('stores a record with the k closest that answer (answered: %s)', answered => {
  const { network, client, closest } = given()
  network.leave('refuses', closest[0])

  const returned: number[][] = []
  const { result, queries } = network.run<number[]>(client, (client, done) => client.store(TARGET, answered, (holders, { goesOn = false } = {}) => {
    returned.push(holders)

    if (!goesOn) {
      done(holders)
    }
  }, done))

  expect(result.toSorted((a, b) => a - b)).toEqual(network.closest(TARGET, network.components.k + 1).slice(1).sort((a, b) => a - b))
  expect(queries).toBeGreaterThanOrEqual(2 * network.components.k)
  expect(returned).toEqual([expect.any(Array)])
  expect(returned[0].length).toBeGreaterThanOrEqual(0.75 * network.components.k)
  expect(result).toEqual(expect.arrayContaining(returned[0]))
})

test.each([true, false])('tells of each holder as it comes to hold a record, before the put is over (answered: %s)', answered => {
  const { network, client, closest } = given()
  const told: number[] = []
  const settled: number[][] = []
  network.leave('refuses', closest[0])

  const { result } = network.run<number[]>(client, (client, done) => client.store(TARGET, answered, done, holders => { settled.push(holders) }, node => { told.push(node) }))

  expect(told).toEqual(expect.arrayContaining(result))
  network.pass(60_000)
  expect(settled).toHaveLength(1)
  expect(told.toSorted((a, b) => a - b)).toEqual(settled[0]?.toSorted((a, b) => a - b))
})

test('has nothing left to do but its refresh after a lookup, and nothing at all once it is stopped', () => {
  const setup = given()
  setup.client.start()
  closestPeers(setup)
  setup.client.stop()
  setup.network.pass(400_000)

  expect(setup.network.isQuiet).toBe(true)
})

test('refreshes its table by lookups of its own', () => {
  const { network, client } = given()
  client.start()
  network.pass(59_000)
  const before = network.asked.length
  network.pass(30_000)

  expect(network.asked.length).toBeGreaterThan(before)
})

test('tells nothing of an operation that was cancelled', () => {
  const { network, client } = given()
  const results: unknown[] = []

  client.closestPeers(TARGET, result => { results.push(result) }).cancel()
  network.pass(60_000)

  expect(results).toEqual([])
})
