import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { fromString } from 'uint8arrays/from-string'
import { seededRandom } from '../random/seeded-random.ts'
import { VALUE_NAMESPACE } from './testnet-records.ts'
import type { Task } from '../live/run-operation.ts'
import type { PeerDescription } from './testnet-network.ts'
import type { Operation } from '../report/results.ts'

export interface TestnetTaskInit {
  seed: number
  operation: Operation
  /** Number of the key, from 0 */
  index: number
  /** For keys that are not shared: who has the key, which is an arm that puts, or the training */
  owner?: string
  peers: PeerDescription[]
  /** How many records a bulk put has */
  bulkKeys: number
}

/**
 * The task that belongs to a key. Its providers are not placed yet.
 */
export function testnetTask ({ seed, operation, index, owner = '', peers, bulkKeys }: TestnetTaskInit): Task {
  const hashOf = (...more: number[]): Buffer => createHash('sha256').update(JSON.stringify([seed, 'key', operation, index, owner, ...more])).digest()
  const hash = hashOf()
  const task = { operation, value: Uint8Array.from(hash), providers: [] }
  const others = (keyOf: (hash: Buffer) => Uint8Array): Task['others'] => Array.from({ length: bulkKeys - 1 }, (_, i) => hashOf(i)).map(hash => ({ key: keyOf(hash), value: Uint8Array.from(hash) }))

  switch (operation) {
    case 'find-peer': {
      const candidates = peers.filter(({ state }) => state === 'up')
      const { id } = candidates[Math.floor(seededRandom(seed, 'find-peer', index)() * candidates.length)]

      return { ...task, key: peerIdFromString(id).toMultihash().bytes }
    }
    case 'get-value':
    case 'put-value':
      return { ...task, key: valueKey(hash) }
    case 'put-many':
      return { ...task, key: valueKey(hash), others: others(valueKey) }
    case 'closest-peers':
    case 'find-providers':
    case 'provide':
      return { ...task, key: multihash(hash) }
    case 'provide-many':
      return { ...task, key: multihash(hash), others: others(multihash) }
    default:
      return operation satisfies never
  }
}

function valueKey (hash: Buffer): Uint8Array {
  return fromString(`/${VALUE_NAMESPACE}/${hash.toString('hex')}`)
}

function multihash (hash: Buffer): Uint8Array {
  return Digest.create(sha256.code, Uint8Array.from(hash)).bytes
}
