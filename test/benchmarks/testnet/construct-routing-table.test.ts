import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { constructRoutingTable } from '../../../benchmarks/testnet/construct-routing-table.ts'
import { drawPeerStates, isServer } from '../../../benchmarks/testnet/peer-states.ts'
import { seededRandom } from '../../../benchmarks/random/seeded-random.ts'
import { TESTNET_OPTIONS } from '../../../benchmarks/testnet/testnet-options.ts'
import { commonPrefixLength } from '../../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import type { Scenario } from '../../../benchmarks/testnet/testnet-options.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

const K = 20
const TARGETS = 30
const sizes = { nearPeers: defaultOf('nearPeers'), farPeers: defaultOf('farPeers'), knownShare: defaultOf('knownShare') }

describe.each<Scenario>(['ideal', 'calm', 'amino', 'storm'])('the routing tables in %s', scenario => {
  const network = modelNetwork(scenario, 200)

  test('lead a patient lookup to every one of the k closest live peers', () => {
    const recalls = targets().map(target => {
      const found = lookUp(network, target).closest
      const closest = closestOf(network.live, network, target)

      return closest.filter(peer => found.includes(peer)).length / K
    })

    expect(mean(recalls)).toBeGreaterThan(0.995)
    expect(Math.min(...recalls)).toBeGreaterThanOrEqual(0.9)
  })

  test('need two to four hops', () => {
    const hops = mean(targets().map(target => lookUp(network, target).hops))

    expect(hops).toBeGreaterThan(2)
    expect(hops).toBeLessThan(4)
  })

  test('name as many dead peers as the scenario says', () => {
    const entries = network.live.flatMap(peer => network.tables[peer])
    const dead = entries.filter(peer => !network.live.includes(peer)).length

    expect(dead / entries.length).toBeCloseTo({ ideal: 0, calm: 0.05, amino: 0.15, storm: 0.5 }[scenario], 1)
  })
})

test('gives a server peers of every k-bucket, far ones up to the limit, and never itself', () => {
  const { ids, tables } = modelNetwork('ideal', 200)
  const table = tables[0]
  const far = table.filter(peer => commonPrefixLength(ids[0], ids[peer]) === 0)

  expect(table).not.toContain(0)
  expect(new Set(table).size).toBe(table.length)
  expect(far).toHaveLength(sizes.farPeers)
})

interface ModelNetwork {
  ids: KadId[]
  live: number[]
  tables: number[][]
}

function modelNetwork (scenario: Scenario, nodes: number): ModelNetwork {
  const states = drawPeerStates({ nodes, scenario, mode: undefined })
  const ids = states.map((_, i) => sha256(`peer ${i}`))
  const live = [...states.keys()].filter(i => isServer(states[i]))
  const options = { ...sizes, liveShare: live.length / states.length }

  return { ids, live, tables: ids.map((own, i) => constructRoutingTable(own, ids, options, seededRandom(1, i))) }
}

/** Asks the closest live peer that was not asked, until the k closest have answered */
function lookUp ({ ids, live, tables }: ModelNetwork, target: KadId): { closest: number[], hops: number } {
  const hops = new Map([[0, 0], [1, 0], [2, 0]])
  const asked = new Set<number>()
  let next: number | undefined = 0

  while (next !== undefined) {
    asked.add(next)

    for (const named of tables[next].toSorted((a, b) => compareDistance(target, ids[a], ids[b])).slice(0, K)) {
      hops.set(named, Math.min(hops.get(named) ?? Infinity, (hops.get(next) ?? 0) + 1))
    }

    next = closest().find(peer => !asked.has(peer))
  }

  return { closest: closest(), hops: Math.max(...closest().map(peer => hops.get(peer) ?? 0)) }

  function closest (): number[] {
    return closestOf(live.filter(peer => hops.has(peer)), { ids }, target)
  }
}

function closestOf (peers: number[], { ids }: { ids: KadId[] }, target: KadId): number[] {
  return peers.toSorted((a, b) => compareDistance(target, ids[a], ids[b])).slice(0, K)
}

function targets (): KadId[] {
  return Array.from({ length: TARGETS }, (_, i) => sha256(`target ${i}`))
}

function sha256 (text: string): KadId {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}

function mean (values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

function defaultOf (name: 'nearPeers' | 'farPeers' | 'knownShare'): number {
  return Number(TESTNET_OPTIONS[name].default)
}
