import { Region } from '../../../publish/region.ts'
import type { TaskRegion } from './bulk-run.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'

/**
 * The regions in which keys wait, in the order of their kad ids. Of one that was never sent as a
 * whole all keys are sent, so that from then on its time is the time of its keys.
 *
 * @param length - Of a region's prefix, bits
 */
export async function * waitingRegions (keys: PublishedKeys, length: number, signal: AbortSignal): AsyncGenerator<TaskRegion> {
  let last: Region | undefined

  for await (const { kadId } of keys.list({ onlyQueued: true, signal })) {
    if (last?.contains(kadId) !== true) {
      last = new Region(kadId, length)

      yield { region: last, isWhole: await keys.sentAt(last.bits, { signal }) === undefined }
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
