import { TimeoutError } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { KAD_DHT_DEFAULTS } from '../../../parameters/kad-dht-defaults.ts'
import { letOthersRun } from '../../let-others-run.ts'
import { patientTimeout } from '../../lookup/patient-timeout.ts'
import { kadIdOf } from '../../peers/kad-id-of.ts'
import type { InternalPeerRouting } from '../../../kad-dht/internals.ts'
import type { KadId } from '../../../keyspace/kad-id.ts'
import type { Region } from '../../../publish/region.ts'
import type { KBucketEntry } from '../../../routing-table/k-buckets.ts'
import type { PeerBook } from '../../peers/peer-book.ts'

const KEY_LENGTH = 32

/** What a lookup in a region has found */
export interface RegionLookup {
  /** What was looked up */
  at: KadId
  /** The closest peers that answered, ascending distance */
  closest: Array<KBucketEntry<string>>
}

export interface RegionLookupsInit {
  peerRouting: Pick<InternalPeerRouting, 'getClosestPeers'>
  book: Pick<PeerBook, 'get' | 'add'>
  /** From 0 to below 1 */
  random: () => number
  now: () => number
}

/**
 * Looks up places in a region. A request names a key and not its kad id, so a key is searched
 * for whose hash lies in the region: for a region of n bits 2^n keys are tried on average.
 */
export class RegionLookups {
  readonly #init: RegionLookupsInit

  constructor (init: RegionLookupsInit) {
    this.#init = init
  }

  /**
   * Find the closest peers to a random place in a region
   *
   * @throws {AbortError} The signal was aborted
   * @throws {TimeoutError} It took longer than kad-dht gives a lookup
   */
  async find (region: Region, signal: AbortSignal): Promise<RegionLookup> {
    const { key, kadId } = await this.#keyIn(region, signal)
    const timeout = new AbortController()
    const clearTimer = patientTimeout(() => { timeout.abort(new TimeoutError('The lookup took too long')) }, KAD_DHT_DEFAULTS.queryTimeoutMs, this.#init.now)
    const either = anySignal([signal, timeout.signal])

    try {
      return { at: kadId, closest: await this.#closestTo(key, either) }
    } finally {
      clearTimer()
      either.clear()
    }
  }

  async #closestTo (key: Uint8Array, signal: AbortSignal): Promise<Array<KBucketEntry<string>>> {
    const { peerRouting, book } = this.#init
    const closest: Array<KBucketEntry<string>> = []

    for await (const event of peerRouting.getClosestPeers(key, { signal })) {
      if (event.name === 'FINAL_PEER') {
        const peer = event.peer.id.toString()
        const entry = book.get(peer) ?? await book.add(event.peer.id)

        closest.push({ peer, kadId: entry.kadId })
      }
    }

    return closest
  }

  async #keyIn (region: Region, signal: AbortSignal): Promise<{ key: Uint8Array, kadId: KadId }> {
    const othersRun = letOthersRun(this.#init.now)

    while (true) {
      // hashes are ready at once, so nobody else would get a turn
      await othersRun()
      signal.throwIfAborted()
      const key = Uint8Array.from({ length: KEY_LENGTH }, () => Math.floor(this.#init.random() * 256))
      const kadId = await kadIdOf(key)

      if (region.contains(kadId)) {
        return { key, kadId }
      }
    }
  }
}
