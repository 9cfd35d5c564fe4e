import { commonPrefixLength } from '../../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../../src/keyspace/xor-distance.ts'
import { seededRandom } from '../../random/seeded-random.ts'
import { constructRoutingTable } from '../../testnet/construct-routing-table.ts'
import { linkRtt } from '../../testnet/links/link-rtt.ts'
import { drawPeerStates, isServer } from '../../testnet/peer-states.ts'
import { testnetPeer } from '../../testnet/testnet-peer.ts'
import { headOf } from '../tables/key-index.ts'
import type { TestnetOptions } from '../../testnet/testnet-options.ts'
import type { RequestCourse } from '../world/network.ts'
import type { Absence } from '../world/population.ts'
import type { Scene } from './scene.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** Time from the reading of a request to the writing of its answer, ms. The servers of the testnet share one machine. */
const WORK_MS: Record<TestnetOptions['peers'], number> = { js: 5, go: 1 }

/** Median of how late a slow peer answers, ms */
const SLOW_MS = 3000

const NEVER: RequestCourse = { firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity }

/**
 * The same network that the testnet starts with the same options: the same peers with the
 * same states, links and routing tables. No peer flaps in it, and no peer's state is
 * drawn anew.
 */
export async function testnetScene (options: TestnetOptions): Promise<Scene> {
  // the runs of before Go servers do not say which servers they had
  const { seed, k, peers: implementation = 'js' } = options
  const states = drawPeerStates(options)
  const peers = await Promise.all(states.map(async (_, index) => testnetPeer(seed, index)))
  const kadIds = peers.map(({ kadId }) => kadId)
  // a population is sorted by kad id
  const order = [...peers.keys()].sort((a, b) => compare(kadIds[a], kadIds[b]))
  const place = new Map(order.map((index, node) => [index, node]))
  const tableOptions = { ...options, liveShare: states.filter(isServer).length / states.length }
  const tables = order.map(index => constructRoutingTable(kadIds[index], kadIds, tableOptions, seededRandom(seed, 'table', index)).map(other => place.get(other) as number))
  const rtts = order.map(index => linkRtt(peers[index].id.toString(), options))
  const stateOf = (node: number): string => states[order[node]]
  const kadId = (node: number): KadId => kadIds[order[node]]
  const byDistance = (nodes: number[], target: KadId, n: number): number[] =>
    nodes.toSorted((a, b) => compareDistance(target, kadId(a), kadId(b))).slice(0, n)
  const all = [...order.keys()]

  return {
    world: {
      population: {
        size: order.length,
        kadId,
        head: node => headOf(kadId(node)),
        region: () => 0,
        lastMileMs: node => rtts[node],
        implementation: () => implementation === 'js' ? 'kad-dht' : 'go-kad-dht',
        reach: () => 'public',
        absence: node => isServer(states[order[node]]) ? 'silent' : stateOf(node) as Absence,
        habit: node => stateOf(node) === 'slow' || stateOf(node) === 'lies' ? stateOf(node) as 'slow' | 'lies' : 'none',
        range: (key, bits) => {
          const within = all.filter(node => commonPrefixLength(key, kadId(node)) >= bits)

          return { from: within[0] ?? 0, to: (within.at(-1) ?? -1) + 1 }
        },
        closest: (target, n, accept = () => true) => byDistance(all.filter(accept), target, n)
      },
      sessions: {
        isOnline: node => isServer(states[order[node]]),
        since: () => -Infinity
      },
      network: {
        rttMs: (_, node) => rtts[node],
        heldMs: () => Infinity,
        request: (_, node, { connected, dialTrips }) => courseOf(stateOf(node), rtts[node], { connected, dialTrips, workMs: WORK_MS[implementation] })
      }
    },
    tables: {
      k,
      now: 0,
      advance: () => {},
      named: (node, target, n) => stateOf(node) === 'lies'
        ? byDistance(all.filter(other => stateOf(other) === 'lies'), target, n)
        : byDistance(tables[node], target, n),
      entriesOf: node => tables[node].map(peer => ({ peer, passedOver: false }))
    }
  }
}

function courseOf (state: string, rttMs: number, { connected, dialTrips, workMs }: { connected: boolean, dialTrips: number, workMs: number }): RequestCourse {
  switch (state) {
    case 'silent':
      return NEVER
    case 'stalls':
      return { ...NEVER, firstSignMs: rttMs }
    case 'refuses':
      return { ...NEVER, firstSignMs: rttMs, refusedMs: rttMs }
    default: {
      const connectedMs = connected ? 0 : dialTrips * rttMs

      return { ...NEVER, firstSignMs: connected ? 0 : rttMs, connectedMs, answeredMs: connectedMs + rttMs + (state === 'slow' ? SLOW_MS : workMs) }
    }
  }
}

function compare (a: KadId, b: KadId): number {
  const index = a.findIndex((byte, i) => byte !== b[i])

  return index === -1 ? 0 : a[index] - b[index]
}
