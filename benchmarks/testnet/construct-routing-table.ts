import { commonPrefixLength } from '../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../src/keyspace/xor-distance.ts'
import { shuffle } from '../random/shuffle.ts'
import type { Random } from '../random/random.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

export interface RoutingTableOptions {
  /** Number of peers that a server knows in its neighbourhood */
  nearPeers: number
  /** Number of peers that it knows in each k-bucket beyond the neighbourhood */
  farPeers: number
  /**
   * Share of the live peers in its neighbourhood that a server knows. If servers knew all
   * of them, each would name the same k peers. In a storm half of these are dead, and
   * nobody could ever find the k closest live ones. If servers knew much less, some peers
   * would be named by nobody. At 0.75, the answers of a neighbourhood together name all
   * of its peers.
   */
  knownShare: number
  /** Share of all peers that are live, above 0 */
  liveShare: number
}

/**
 * The routing table of a server. It has a random part of the XOR-closest peers, and a few
 * random peers of each k-bucket that is farther away. So a lookup takes several hops even
 * in a small network. Live and dead peers are treated alike.
 *
 * @param own - The server's place in the keyspace
 * @param peers - Every peer's place, the server's own included
 * @param random - Uniform in [0, 1)
 * @returns Indices into `peers`
 */
export function constructRoutingTable (own: KadId, peers: readonly KadId[], { nearPeers, farPeers, knownShare, liveShare }: RoutingTableOptions, random: Random): number[] {
  const others = [...peers.keys()]
    .sort((a, b) => compareDistance(own, peers[a], peers[b]))
    // the first is the server itself
    .slice(1)
  const neighbourhood = Math.round(nearPeers / (knownShare * liveShare))
  const buckets = Map.groupBy(others.slice(neighbourhood), index => commonPrefixLength(own, peers[index]))

  return [
    ...shuffle(others.slice(0, neighbourhood), random).slice(0, nearPeers),
    ...[...buckets.values()].flatMap(bucket => shuffle(bucket, random).slice(0, farPeers))
  ]
}
