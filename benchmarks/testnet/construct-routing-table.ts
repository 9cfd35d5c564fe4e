import { commonPrefixLength } from '../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { shuffle } from './shuffle.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

export interface RoutingTableOptions {
  /** XOR-closest peers that each server knows */
  nearPeers: number
  /** Peers that each server knows in each k-bucket beyond those */
  farPeers: number
}

/**
 * The routing table of a server: all of its neighbourhood, where it must know
 * everybody for lookups to be complete, and a few random peers of each farther
 * k-bucket, so that a lookup needs several hops even in a small network. Live
 * and dead peers are treated alike.
 *
 * @param own - The server's place in the keyspace
 * @param peers - Every peer's place, the server's own included
 * @param random - Uniform in [0, 1)
 * @returns Indices into `peers`
 */
export function constructRoutingTable (own: KadId, peers: readonly KadId[], { nearPeers, farPeers }: RoutingTableOptions, random: () => number): number[] {
  const others = [...peers.keys()]
    .sort((a, b) => compareDistance(own, peers[a], peers[b]))
    // the first is the server itself
    .slice(1)
  const buckets = new Map<number, number[]>()

  for (const index of others.slice(nearPeers)) {
    const depth = commonPrefixLength(own, peers[index])
    const bucket = buckets.get(depth)

    if (bucket == null) {
      buckets.set(depth, [index])
    } else {
      bucket.push(index)
    }
  }

  return [
    ...others.slice(0, nearPeers),
    ...[...buckets.values()].flatMap(bucket => shuffle(bucket, random).slice(0, farPeers))
  ]
}
