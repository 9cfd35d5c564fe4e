import { PrefixTrie } from '../../src/keyspace/prefix-trie.ts'
import { KadBuckets } from '../../src/kad-dht/kad-buckets.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { cycle } from './cycle.ts'
import { fullKBuckets } from './full-k-buckets.ts'
import { randomKadId } from './random-kad-id.ts'
import type { MicroOperation } from './micro-operation.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'

const K = 20

/** Numbers of peers with which the index is measured by itself */
const SIZES = [1_000, 10_000, 100_000]

/** Number of targets. They are so different that no cache holds the paths to all of them. */
const TARGETS = 1024

/** Time at which all peers answered, ms since the epoch. No time has passed since, so no score has drifted. */
const NOW = 0

/**
 * The name of the operation that finds the closest 20 of a number of peers
 */
export function closestPeersOperation (peers: number): string {
  return `closest ${K} of ${peers.toLocaleString('en')}`
}

/**
 * Finding the closest 20 peers: in full k-buckets, by kad-dht and by us, and in larger
 * sets
 *
 * @throws {Error} kad-dht and our code do not find the same peers
 */
export async function closestPeersOperations (seed: number): Promise<MicroOperation[]> {
  const random = seededRandom(seed, 'micro', 'targets')
  const targets = Array.from({ length: TARGETS }, () => randomKadId(random))

  return [...await ofFullKBuckets(seed, targets), ...SIZES.map(size => ofIndex(size, seed, targets))]
}

async function ofFullKBuckets (seed: number, targets: KadId[]): Promise<MicroOperation[]> {
  const { routingTable, internals, peers } = await fullKBuckets(seed)
  const operation = closestPeersOperation(peers.length)
  const buckets = new KadBuckets()
  const table = new ScoredRoutingTable({ buckets, localPeer: '' })
  buckets.attach(routingTable)
  const trie = trieOf(peers.map(({ kadId }) => kadId))

  for (const { id, kadId } of peers) {
    table.record({ peer: id.toString(), kadId }, { type: 'responded', latencyMs: 100, setupMs: 400, dialled: true }, NOW)
  }

  for (const target of targets.slice(0, K)) {
    const theirs = internals.closest(target).map(String).join()
    const ours = [
      table.candidates(target, K, NOW).map(({ peer }) => peer),
      trie.closest(target, K).map(({ value }) => peers[value].id.toString())
    ]

    if (ours.some(found => found.join() !== theirs)) {
      throw new Error('kad-dht and the scored routing table found different peers')
    }
  }

  const [forTheirs, forTable, forTrie] = [cycle(targets), cycle(targets), cycle(targets)]

  return [
    { operation, arm: 'kad-dht', by: 'KBucket.closest', run: () => internals.closest(forTheirs()) },
    { operation, arm: 'scored', by: 'ScoredRoutingTable.candidates', run: () => table.candidates(forTable(), K, NOW) },
    { operation, arm: 'scored', by: 'PrefixTrie.closest', run: () => trie.closest(forTrie(), K) }
  ]
}

function ofIndex (size: number, seed: number, targets: KadId[]): MicroOperation {
  const random = seededRandom(seed, 'micro', 'index', size)
  const trie = trieOf(Array.from({ length: size }, () => randomKadId(random)))
  const target = cycle(targets)

  return { operation: closestPeersOperation(size), arm: 'scored', by: 'PrefixTrie.closest', run: () => trie.closest(target(), K) }
}

function trieOf (kadIds: KadId[]): PrefixTrie<number> {
  const trie = new PrefixTrie<number>()

  kadIds.forEach((kadId, index) => { trie.set(kadId, index) })

  return trie
}
