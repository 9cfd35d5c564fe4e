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
}

/**
 * The task that belongs to a key. Its providers are not placed yet.
 */
export function testnetTask ({ seed, operation, index, owner = '', peers }: TestnetTaskInit): Task {
  const hash = createHash('sha256').update(JSON.stringify([seed, 'key', operation, index, owner])).digest()
  const task = { operation, value: Uint8Array.from(hash), providers: [] }

  switch (operation) {
    case 'find-peer': {
      const candidates = peers.filter(({ state }) => state === 'up')
      const { id } = candidates[Math.floor(seededRandom(seed, 'find-peer', index)() * candidates.length)]

      return { ...task, key: peerIdFromString(id).toMultihash().bytes }
    }
    case 'get-value':
    case 'put-value':
      return { ...task, key: fromString(`/${VALUE_NAMESPACE}/${hash.toString('hex')}`) }
    case 'closest-peers':
    case 'find-providers':
    case 'provide':
      return { ...task, key: Digest.create(sha256.code, Uint8Array.from(hash)).bytes }
    default:
      return operation satisfies never
  }
}
