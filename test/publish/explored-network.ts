import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { RegionExploration } from '../../src/publish/region-exploration.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { ExplorationCommand } from '../../src/publish/region-exploration.ts'
import type { Region } from '../../src/publish/region.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'

export type Peers = Array<KBucketEntry<number>>

/** What a lookup finds; undefined where it fails */
export type LookUp = (target: KadId) => Peers | undefined

export interface Exploration {
  /** The last command */
  end: Exclude<ExplorationCommand<number>, { type: 'lookup' }>
  targets: KadId[]
  /** The most lookups that ran at a time */
  atOnce: number
}

/** Peers 0, 1 and so on with these kad ids */
export function peersAt (kadIds: Iterable<KadId>): Peers {
  return Array.from(kadIds, (kadId, peer) => ({ peer, kadId }))
}

/** Peers with kad ids of 256 bits at random, under a prefix where one is given */
export function randomPeers (count: number, seed: number, under?: Region): Peers {
  const random = seededRandom(seed)

  return peersAt(Array.from({ length: count }, () => under?.randomKadId(random) ?? Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256))))
}

export function closest (peers: Peers, target: KadId, k: number): Peers {
  return peers.toSorted((a, b) => compareDistance(target, a.kadId, b.kadId)).slice(0, k)
}

/** Explore a region to the end, with lookups that end in random order */
export function explore (region: Region, lookUp: LookUp, { k = 20, lookupsAtOnce = 3, seed = 1 } = {}): Exploration {
  const random = seededRandom(seed)
  const exploration = new RegionExploration<number>({ region, k, lookupsAtOnce, random })
  const running: KadId[] = []
  const targets: KadId[] = []
  let atOnce = 0

  for (let commands = exploration.advance({ type: 'started' }); ;) {
    for (const command of commands) {
      if (command.type !== 'lookup') {
        return { end: command, targets, atOnce }
      }

      running.push(command.target)
      targets.push(command.target)
    }

    atOnce = Math.max(atOnce, running.length)
    const [target] = running.splice(Math.floor(random() * running.length), 1)

    if (target === undefined) {
      throw new Error('The exploration waits for nothing')
    }

    const found = lookUp(target)
    commands = exploration.advance(found === undefined ? { type: 'lookupFailed', target } : { type: 'lookedUp', target, closest: found })
  }
}

/** The share of the k closest peers of the network that are among those found, over the targets */
export function recallOf (found: Peers, network: Peers, targets: KadId[], k: number): number {
  const known = new Set(found.map(({ peer }) => peer))
  const wanted = targets.flatMap(target => closest(network, target, k))

  return wanted.filter(({ peer }) => known.has(peer)).length / wanted.length
}
