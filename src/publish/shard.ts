import type { KadId } from '../keyspace/kad-id.ts'

/**
 * One of several equal parts of the keyspace
 */
export interface Shard {
  /** Which of them, from 0 */
  index: number
  /** How many there are, from 1 */
  count: number
}

/** How many parts there may be: far more than anybody has machines, and still exact */
const MAX_SHARDS = 1_000_000

/**
 * @throws {RangeError} There is no such part
 */
export function checkShard ({ index, count }: Shard): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_SHARDS) {
    throw new RangeError(`${count} shards, allowed is a whole number from 1 to ${MAX_SHARDS}`)
  }

  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`shard ${index} of ${count}, allowed is a whole number from 0 to ${count - 1}`)
  }
}

/**
 * Whether a kad id lies in this part of the keyspace. Each lies in just one, and those of a part are
 * all beside each other.
 *
 * @throws {RangeError} There is no such part
 */
export function isInShard (kadId: KadId, shard: Shard): boolean {
  checkShard(shard)

  return shardOf(kadId, shard.count) === shard.index
}

/** The kad id as a fraction of the keyspace, times the count. The product is made byte by byte, from the last, so that nothing is rounded. */
function shardOf (kadId: KadId, count: number): number {
  return kadId.reduceRight((carry, byte) => Math.floor((byte * count + carry) / 256), 0)
}
