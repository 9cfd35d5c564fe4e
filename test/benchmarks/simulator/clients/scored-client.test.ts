import { expect, it } from 'vitest'
import { ScoredClient } from '../../../../benchmarks/simulator/clients/scored-client.ts'
import { SmallNetwork } from './small-network.ts'
import type { ScoredClientInit } from '../../../../benchmarks/simulator/clients/scored-client.ts'
import type { SmallNetworkInit } from './small-network.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

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

it('finds the closest peers by what the first one names', () => {
  const setup = given()
  const { closest, asked } = closestPeers(setup)

  expect(closest).toEqual(setup.closest)
  expect(asked[0]).toBe(FAR)
})

it('asks the right ones at once when it looks again', () => {
  const setup = given()
  const first = closestPeers(setup)
  setup.network.pass(10_000)
  const second = closestPeers(setup)

  expect(second.closest).toEqual(setup.closest)
  expect(second.timeMs).toBeLessThan(first.timeMs / 3)
})

it('does not wait for a silent peer that it knows, and takes the next closest', () => {
  const setup = given()
  const [dead] = setup.closest
  setup.network.leave('silent', dead)
  const first = closestPeers(setup)
  setup.network.pass(10_000)
  const second = closestPeers(setup)

  expect(setup.client.scores.classOf(dead, setup.network.clock.now)).toBe('unacceptable')
  expect(second.closest).toEqual(setup.network.closest(TARGET, setup.network.components.k + 1).slice(1))
  expect(second.timeMs).toBeLessThan(first.timeMs)
})

it('counts one outcome for a late answer', () => {
  const setup = given()
  const [slow] = setup.closest
  setup.network.habits.set(slow, 'slow')

  expect(closestPeers(setup).closest).toEqual(setup.closest)
  expect(setup.client.scores.get(slow)).toMatchObject({ lastOutcome: 'responded', weight: 2 })
})

it('starts again from its scores after a restart', () => {
  const setup = given()
  closestPeers(setup)
  setup.client.stop()
  setup.network.components.connections.closeAll()

  const restarted = new ScoredClient(setup.network.components, { epsilon: 0, restored: setup.client.scores.entries() })
  const { closest, asked } = closestPeers({ network: setup.network, client: restarted })

  expect(closest).toEqual(setup.closest)
  expect(asked).not.toContain(FAR)
})

it('ends a search with the first holder', () => {
  const { network, client, closest } = given()
  const holder = closest[3]
  const { result } = network.run<boolean>(client, (client, done) => client.findHolder(TARGET, node => node === holder, done))

  expect(result).toBe(true)
  expect(network.run<boolean>(client, (client, done) => client.findHolder(TARGET, () => false, done)).result).toBe(false)
})

it.each([true, false])('stores a record with the k closest that answer (answered: %s)', answered => {
  const { network, client, closest } = given()
  network.leave('refuses', closest[0])

  const { result, queries } = network.run<number[]>(client, (client, done) => client.store(TARGET, answered, done))

  expect(result.toSorted((a, b) => a - b)).toEqual(network.closest(TARGET, network.components.k + 1).slice(1).sort((a, b) => a - b))
  expect(queries).toBeGreaterThanOrEqual(2 * network.components.k)
})

it('has nothing left to do but its refresh after a lookup, and nothing at all once it is stopped', () => {
  const setup = given()
  setup.client.start()
  closestPeers(setup)
  setup.client.stop()
  setup.network.pass(400_000)

  expect(setup.network.isQuiet).toBe(true)
})

it('refreshes its table by lookups of its own', () => {
  const { network, client } = given()
  client.start()
  network.pass(59_000)
  const before = network.asked.length
  network.pass(30_000)

  expect(network.asked.length).toBeGreaterThan(before)
})

it('tells nothing of an operation that was cancelled', () => {
  const { network, client } = given()
  const results: unknown[] = []

  client.closestPeers(TARGET, result => { results.push(result) }).cancel()
  network.pass(60_000)

  expect(results).toEqual([])
})
