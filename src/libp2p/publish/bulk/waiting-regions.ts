import { Region } from '../../../publish/region.ts'
import type { TaskRegion } from './bulk-run.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'

/**
 * The regions in which keys wait, in the order of their kad ids. Of one that was never sent as a
 * whole, or is due again, all keys are sent, so that from then on its time is the time of its keys.
 *
 * @param length - Of a region's prefix, bits
 * @param dueBefore - A region that was sent before is due, ms since the epoch
 */
export async function * waitingRegions (keys: PublishedKeys, length: number, dueBefore: number, signal: AbortSignal): AsyncGenerator<TaskRegion> {
  let last: Region | undefined

  for await (const { kadId } of keys.list({ onlyQueued: true, signal })) {
    if (last?.contains(kadId) !== true) {
      last = new Region(kadId, length)

      yield { region: last, isWhole: isDue(await keys.allSentAt(last, { signal }), dueBefore) }
    }
  }
}

/**
 * Every region of the keyspace, in the order of their kad ids
 *
 * @param length - Of a region's prefix, bits
 */
export function * allRegions (length: number): Generator<Region> {
  function * within (region: Region): Generator<Region> {
    if (region.length === length) {
      yield region
    } else {
      const [zero, one] = region.children
      yield * within(zero)
      yield * within(one)
    }
  }

  yield * within(new Region(new Uint8Array(32), 0))
}

function isDue (sentAt: number | undefined, dueBefore: number): boolean {
  return sentAt === undefined || sentAt < dueBefore
}
